// Every key of the configuration is read, printed and read back; every mistake is told with its place.

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "config_file.hpp"
#include "config_keys.hpp"
#include "durable_file.hpp"

using namespace cicada::node;

TEST_CASE("config: what is printed reads back to the same", "[config]") {
  NodeConfig config;
  for (const char* setting :
       {"swarm=it's: #1", "bootstrap=a.example:1", "bootstrap=[::1]:2", "ids=key", "port=0", "external=1.2.3.4:5",
        "reach=direct", "port_mapping.lease=90s", "limits.buffers=8 MiB", "log.format=json", "require_sealed=true",
        "punching.enabled=false", "punching.retry_max=1h", "limits.relay_clients=0", "limits.circuits=12",
        "limits.circuits_per_link=3", "limits.circuit_idle=250ms", "limits.circuit_bytes_per_second=64 KiB",
        "limits.punches=5"}) {
    INFO(setting);
    REQUIRE(set_config_key(config, setting));
  }
  for (const bool with_about : {false, true}) {
    NodeConfig again;
    const std::string text = print_config(config, with_about);
    INFO(text);
    CHECK(read_config_text(text, "f", again) == std::vector<std::string>{});
    CHECK(print_config(again, with_about) == text);
  }
}

TEST_CASE("config: the limits of a relay are those of the node below, within their ranges", "[config]") {
  NodeConfig config;
  for (const char* setting :
       {"limits.relay_clients=65537", "limits.circuits=-1", "limits.circuits=65537", "limits.circuits_per_link=0",
        "limits.circuit_idle=25h", "limits.circuit_idle=3", "limits.circuit_bytes_per_second=1023 B",
        "limits.circuit_bytes_per_second=2 GiB", "limits.punches=4097", "punching.retry_min=0s", "duplicates=65"}) {
    INFO(setting);
    CHECK_FALSE(set_config_key(config, setting));
  }
  CHECK(print_config(config, false) == print_config(NodeConfig(), false));
  for (const char* setting :
       {"limits.relay_clients=1", "limits.circuits=2", "limits.circuits_per_link=3", "limits.circuit_idle=4s",
        "limits.circuit_bytes_per_second=5 KiB", "limits.punches=6", "duplicates=64"}) {
    INFO(setting);
    REQUIRE(set_config_key(config, setting));
  }
  CHECK(config.limits.relay_clients_max == 1);
  CHECK(config.limits.circuits_max == 2);
  CHECK(config.limits.circuits_per_link_max == 3);
  CHECK(config.limits.circuit_idle == std::chrono::seconds(4));
  CHECK(config.limits.circuit_bytes_per_second == 5 * 1024);
  CHECK(config.limits.punches_max == 6);
  CHECK(config.duplicates == cicada::duplicates_max);
}

TEST_CASE("config: the table of the README has every key and its default", "[config]") {
  std::istringstream readme(*cicada::tool::read_if_exists(CICADA_SOURCE_DIR "/tools/cicada-node/README.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(readme, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  for (const ConfigKey& key : config_keys()) {
    INFO(key.name);
    // One row may be about several keys of a section: "| `limits.links`, `.handshakes` | 512, 64 |".
    const auto dot = key.name.find('.');
    const std::string section = "| `" + std::string(key.name.substr(0, dot));
    const std::string whole = "`" + std::string(key.name) + "`";
    const std::string own = dot == std::string_view::npos ? whole : "`" + std::string(key.name.substr(dot)) + "`";
    const auto row = std::ranges::find_if(rows, [&](const std::string& line) {
      const std::string names = line.substr(0, line.find(" |"));
      return names.starts_with(section) && (names.find(whole) != names.npos || names.find(own) != names.npos);
    });
    REQUIRE(row != rows.end());
    INFO(*row);
    CHECK(row->find(key.get(NodeConfig())) != std::string::npos);
  }
}

TEST_CASE("config: no key accepts nonsense but those that are free texts", "[config]") {
  for (const ConfigKey& key : config_keys()) {
    NodeConfig config;
    const bool is_text = key.set(config, "\x01 no value").has_value();
    const bool may = key.name == "swarm" || key.name == "interface" || key.name == "state" || key.name == "control" ||
                     key.name == "key" || key.name == "trusted_keys" || key.name == "membership" ||
                     key.name == "port_mapping.gateway";
    INFO(key.name);
    CHECK(is_text == may);
  }
}

TEST_CASE("config: mistakes with line and column, all at once", "[config]") {
  NodeConfig config;
  const auto complaints = read_config_text(
      "port: x\nprotocol: 5\nlog:\n  levle: info\nlog.level: info\nbootstrap: [a, b:2]\n- x\n", "f", config);
  REQUIRE(complaints.size() == 1);  // The last line is no YAML here, and nothing else was looked at.
  const auto more = read_config_text(
      "port: x\nprotocol: 5\nlog:\n  levle: info\nlog.level: info\nbootstrap: [a, b:2]\n", "f", config);
  REQUIRE(more.size() == 5);
  CHECK(more[0] == "f:1:7: port: found 'x', expected a whole number from 0 to 65535");
  CHECK(more[1].starts_with("f:2:11: protocol: expected keys and values"));
  CHECK(more[2].starts_with("f:4:3: unknown key 'log.levle'"));
  CHECK(more[2].ends_with("did you mean 'level'?"));
  CHECK(more[3].starts_with("f:5:1: unknown key 'log.level'"));
  CHECK(more[4].starts_with("f:6:13: bootstrap: found 'a'"));
}

TEST_CASE("config: contradictions", "[config]") {
  NodeConfig config;
  CHECK(check_config(config).empty());
  config.ids = cicada::IdPolicy::certified;
  config.require_sealed = true;
  config.retry_max = config.retry_min / 2;
  config.punch_retry_max = config.punch_retry_min / 2;
  CHECK(check_config(config).size() == 4);
}

TEST_CASE("config: hosts and ports", "[config]") {
  CHECK(parse_host_port("h:1")->host == "h");
  CHECK(parse_host_port("[::1]:65535")->host == "::1");
  for (const char* text : {"", "h", "h:", ":1", "h:0", "h:65536", "h:1x", "::1:5", "[::1:5", "a b:1", "[]:1"}) {
    INFO(text);
    CHECK_FALSE(parse_host_port(text));
  }
}
