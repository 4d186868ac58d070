#include "config_keys.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <cicada/sim/nearest.hpp>

#include "config_key_kinds.hpp"
#include "key_file.hpp"

namespace cicada::node {
namespace {

/// A YAML text that means what it says, whatever is in it.
std::string yaml_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

using Set = std::expected<void, std::string>;
using Config = NodeConfig;

ConfigKey external_key() {
  return {"external", "Where others reach this node, when a port is forwarded to it by hand: \"host:port\".",
          [](Config& config, std::string_view text) -> Set {
            if (text.empty()) {
              config.external.reset();
              return {};
            }
            config.external = parse_host_port(text);
            if (!config.external) return std::unexpected("host:port, as in 203.0.113.7:49610, or nothing");
            return {};
          },
          [](const Config& config) { return config.external ? to_string(*config.external) : std::string(); }};
}

ConfigKey bootstrap_key() {
  return {"bootstrap", "Peers to join through, \"host:port\" each; tried for ever, after the peers known from before.",
          [](Config& config, std::string_view text) -> Set {
            auto address = parse_host_port(text);
            if (!address) return std::unexpected("host:port, as in peer.example.org:49610");
            config.bootstrap.push_back(*std::move(address));
            return {};
          },
          [](const Config& config) {
            std::string all;
            for (const HostPort& address : config.bootstrap)
              all += (all.empty() ? "" : ", ") + yaml_quoted(to_string(address));
            return all;
          },
          true};
}

ConfigKey authority_key() {
  ConfigKey key = text_key("authority", &Config::authority,
                           "Policy certified: the public key, 64 hexadecimal digits, whose word lets peers in.");
  key.set = [set = key.set](Config& config, std::string_view text) -> Set {
    if (!text.empty() && !parse_public_key(text)) return std::unexpected("64 hexadecimal digits");
    return set(config, text);
  };
  return key;
}

ConfigKey log_format_key() {
  return {"log.format", "Lines of the log: text or json.",
          [](Config& config, std::string_view text) -> Set {
            if (text != "text" && text != "json") return std::unexpected("text or json");
            config.log_json = text == "json";
            return {};
          },
          [](const Config& config) { return std::string(config.log_json ? "json" : "text"); }};
}

using Adder = std::function<void(ConfigKey)>;

/// Who the node is, and how others get to it.
void add_identity_and_reach(const Adder& add) {
  using namespace std::chrono_literals;
  using C = Config;
  add(text_key("swarm", &C::swarm, "Name of the swarm; peers of others are turned away.", 64));
  add(choice_key<IdPolicy>("ids", &C::ids,
                           {{"address", IdPolicy::address}, {"key", IdPolicy::key}, {"certified", IdPolicy::certified}},
                           "Where ids come from: address, key or certified. The same for a whole swarm."));
  add(authority_key());
  add(path_key("membership", &C::membership, "Policy certified: file with the authority's word for this node."));
  add(text_key("interface", &C::interface, "Address or name to listen on; empty: all interfaces."));
  add(number_key("port", &C::port, 0, 65'535, "Port to listen on; 0: the system chooses."));
  add(external_key());
  add(choice_key<Reach>(
      "reach", &C::reach, {{"auto", Reach::automatic}, {"direct", Reach::direct}, {"outgoing", Reach::outgoing}},
      "What others are told: auto, direct (where it listens), outgoing (nothing: it opens all links)."));
  add(bootstrap_key());
  add(flag_key("port_mapping.enabled", &C::map_port, "Open the port on the gateway."));
  add(flag_key("port_mapping.upnp", &C::upnp, "Ask by UPnP."));
  add(flag_key("port_mapping.nat_pmp", &C::nat_pmp, "Ask by NAT-PMP."));
  add(text_key("port_mapping.gateway", &C::gateway, "IPv4 address to ask by NAT-PMP; empty: the default route's."));
  add(time_key("port_mapping.lease", &C::lease, 2s, std::chrono::days(7), "Asked for; what is granted is honoured."));
  add(time_key("port_mapping.check", &C::mapping_check, 100ms, 24h, "Between two looks whether the mapping stands."));
  add(flag_key("punching.enabled", &C::punch, "Look for direct links in place of relayed ones."));
  add(time_key("punching.retry_min", &C::punch_retry_min, 100ms, 24h,
               "First pause after an attempt at a direct link; doubles, while the relayed one is used."));
  add(time_key("punching.retry_max", &C::punch_retry_max, 100ms, 24h, "Longest pause between two attempts."));
}

/// Where things are kept, and what users do with the node.
void add_use(const Adder& add) {
  using C = Config;
  add(path_key("state", &C::state, "Folder of the state; empty: $STATE_DIRECTORY, or ~/.local/state/cicada-node."));
  add(path_key("control", &C::control, "Socket for client commands; empty: control.socket in the state folder."));
  add(path_key("key", &C::key, "File of the identity; empty: key in the state folder. Made where it is missing."));
  add(path_key("trusted_keys", &C::trusted, "File of pinned peers (keys.json); empty: nobody is pinned."));
  add(flag_key("require_sealed", &C::require_sealed, "Drop messages that are not sealed by a pinned peer."));
  add(number_key("duplicates", &C::duplicates, 0, duplicates_max,
                 "Further paths for every send that does not say otherwise."));
  add(choice_key<Strategy>("strategy", &C::strategy,
                           {{"cicada", Strategy::cicada},
                            {"entries", Strategy::entries},
                            {"repair", Strategy::repair},
                            {"parallel_repair", Strategy::parallel_repair},
                            {"guards", Strategy::guards},
                            {"adaptive", Strategy::adaptive}},
                           "How the paths of a send are chosen: cicada, entries, repair, parallel_repair, guards or "
                           "adaptive."));
}

/// The ring, and how the node gets and stays in it.
void add_upkeep(const Adder& add) {
  using namespace std::chrono_literals;
  using C = Config;
  add(number_key("protocol.successors", &C::successors, 1, 32, "Length of the successor and predecessor lists."));
  add(number_key("protocol.proximity", &C::proximity, 0, 16, "Further candidates measured for each finger."));
  add(time_key("protocol.stabilize", &C::stabilize, 100ms, 1h, "Mean period of looking after the ring."));
  add(time_key("protocol.vanished_after", limit(&SwarmLimits::vanished_after), 4s, 1h,
               "A silent host counts as gone after this."));
  add(time_key("join.timeout", &C::connect_timeout, 100ms, 10min, "For one attempt to join through one peer."));
  add(time_key("join.retry_min", &C::retry_min, 10ms, 1h, "First pause after all attempts failed; doubles."));
  add(time_key("join.retry_max", &C::retry_max, 10ms, 24h, "Longest pause between rounds of attempts."));
  add(time_key("save_every", &C::save_every, 100ms, 24h,
               "Longest time between changes of the known peers and the disk."));
}

/// What others can make the node spend.
void add_limits(const Adder& add) {
  using namespace std::chrono_literals;
  add(number_key("limits.links", limit(&SwarmLimits::links_max), 8, 65'536, "Standing links."));
  add(number_key("limits.handshakes", limit(&SwarmLimits::handshakes_max), 1, 4096,
                 "Incoming links that are not authenticated yet."));
  add(bytes_key("limits.buffers", limit(&SwarmLimits::buffer_bytes_max), std::uint64_t{4} << 20,
                std::uint64_t{64} << 30, "Memory for the buffers of all links."));
  add(number_key("limits.messages_per_second", limit(&SwarmLimits::messages_per_second), 1, 10'000'000,
                 "Read from one link."));
  add(number_key("limits.inbox", limit(&SwarmLimits::inbox_messages_max), 1, 1'000'000,
                 "Messages that nobody has read yet."));
  add(number_key("limits.relay_clients", limit(&SwarmLimits::relay_clients_max), 0, 65'536,
                 "Peers behind NATs that this node relays for; 0: for nobody."));
  add(number_key("limits.circuits", limit(&SwarmLimits::circuits_max), 0, 65'536,
                 "Circuits that this node relays at the same time."));
  add(number_key("limits.circuits_per_link", limit(&SwarmLimits::circuits_per_link_max), 1, 65'536,
                 "Circuits on one link, this node's own included."));
  add(time_key("limits.circuit_idle", limit(&SwarmLimits::circuit_idle), 0s, 24h,
               "A relayed circuit that was silent for so long gives way to a new one where there is no room."));
  add(bytes_key("limits.circuit_bytes_per_second", limit(&SwarmLimits::circuit_bytes_per_second),
                std::uint64_t{1} << 10, std::uint64_t{1} << 30,
                "Relayed on one circuit in a second, both directions together."));
  add(number_key("limits.punches", limit(&SwarmLimits::punches_max), 0, 4096,
                 "Attempts at hole punching at the same time."));
}

void add_log(const Adder& add) {
  using C = Config;
  add(choice_key<LogLevel>("log.level", &C::log,
                           {{"error", LogLevel::error},
                            {"warning", LogLevel::warning},
                            {"info", LogLevel::info},
                            {"debug", LogLevel::debug}},
                           "What is logged: error, warning, info or debug."));
  add(log_format_key());
}

std::vector<ConfigKey> make_keys() {
  std::vector<ConfigKey> keys;
  for (const auto add_some : {add_identity_and_reach, add_use, add_upkeep, add_limits, add_log})
    add_some([&](ConfigKey key) { keys.push_back(std::move(key)); });
  return keys;
}

}  // namespace

std::span<const ConfigKey> config_keys() {
  static const std::vector<ConfigKey> keys = make_keys();
  return keys;
}

const ConfigKey* find_config_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found = std::ranges::find(keys, name, &ConfigKey::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string unknown_key(std::string_view section, std::string_view name) {
  const std::string prefix = section.empty() ? std::string() : std::string(section) + ".";
  std::vector<std::string_view> known;
  for (const ConfigKey& key : config_keys()) {
    if (!key.name.starts_with(prefix)) continue;
    const std::string_view rest = key.name.substr(prefix.size());
    const std::string_view word =
        prefix.empty() && name.find('.') != std::string_view::npos ? rest : rest.substr(0, rest.find('.'));
    if (std::ranges::find(known, word) == known.end()) known.push_back(word);
  }
  return fmt::format("unknown key '{}{}'; {}", prefix, name, sim::expected_one_of(name, known));
}

std::string print_config(const NodeConfig& config, bool with_about) {
  std::string text;
  std::string_view section;
  for (const ConfigKey& key : config_keys()) {
    const auto dot = key.name.find('.');
    const std::string_view own = dot == std::string_view::npos ? std::string_view() : key.name.substr(0, dot);
    if (own != section && !own.empty()) text += fmt::format("{}:\n", own);
    section = own;
    const std::string_view indent = own.empty() ? "" : "  ";
    const std::string_view name = own.empty() ? key.name : key.name.substr(dot + 1);
    const std::string value = key.get(config);
    const bool needs_quotes = value.empty() || value.find_first_of(":#\"'{}[]&*!|>%@`") != std::string::npos;
    if (with_about) text += fmt::format("{}# {}\n", indent, key.about);
    if (key.is_list) {
      text += fmt::format("{}{}: [{}]\n", indent, name, value);
    } else {
      text += fmt::format("{}{}: {}\n", indent, name, needs_quotes ? yaml_quoted(value) : value);
    }
  }
  return text;
}

}  // namespace cicada::node
