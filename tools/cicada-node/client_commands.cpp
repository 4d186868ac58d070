#include <fmt/core.h>

#include <iostream>
#include <stdexcept>
#include <utility>

#include <cicada/codec.hpp>

#include "client_access.hpp"
#include "commands.hpp"
#include "exit_status.hpp"
#include "message_text.hpp"
#include "output.hpp"
#include "text_table.hpp"

namespace cicada::node {
namespace {

using nlohmann::json;

std::string text_or_dash(const json& value) { return value.is_string() ? value.get<std::string>() : "-"; }

std::string short_id(const json& value) { return value.is_string() ? value.get<std::string>().substr(0, 16) : "-"; }

void print_table(const std::vector<std::vector<std::string>>& rows) { tool::print_text(tool::aligned_table(rows, 0)); }

std::string peer_roles(const json& peer) {
  std::string roles;
  for (const char* role : {"successor", "predecessor", "finger", "linked"}) {
    if (peer[role].get<bool>()) roles += (roles.empty() ? "" : ", ") + std::string(role);
  }
  return roles.empty() ? "known" : roles;
}

/// Honest neighbours have a few messages refused; these are for the JSON.
bool is_worth_showing(const json& refusals) {
  constexpr unsigned many = 200;
  return refusals["refused"].get<std::uint64_t>() >= many || refusals["reasons"].contains("forging");
}

std::string refusals_text(const json& refusals) {
  std::string reasons;
  for (const auto& [reason, count] : refusals["reasons"].items())
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", reason, count.get<std::uint64_t>());
  return fmt::format("from {} at {}: {}", refusals["peer"].get<std::string>(), text_or_dash(refusals["address"]),
                     reasons);
}

void print_status(const json& s) {
  const json& reach = s["reach"];
  std::vector<std::vector<std::string>> rows = {
      {"state", s["state"].get<std::string>()},
      {"id", s.contains("id") ? s["id"].get<std::string>() : "-"},
      {"public key", s["public_key"].get<std::string>()},
      {"swarm", fmt::format("{} (ids: {})", s["swarm"].get<std::string>(), s["ids"].get<std::string>())},
      {"listens on", text_or_dash(s.value("listener", json()))},
      {"others use", text_or_dash(s.value("endpoint", json()))},
      {"reached", fmt::format("{}: {}", reach["rung"].get<std::string>(), reach["why"].get<std::string>())},
      {"seen from", text_or_dash(reach.value("observed", json()))}};
  if (reach.contains("mapping")) {
    const json& mapping = reach["mapping"];
    rows.push_back(
        {"gateway", fmt::format("{} by {}, external address {}: {}", mapping["state"].get<std::string>(),
                                mapping["method"].get<std::string>(), mapping["external_address"].get<std::string>(),
                                mapping["why"].get<std::string>())});
  }
  if (s.contains("links")) {
    rows.push_back({"successor", text_or_dash(s["successor"])});
    rows.push_back({"predecessor", text_or_dash(s["predecessor"])});
    rows.push_back({"neighbours", std::to_string(s["neighbours"].get<unsigned>())});
    const json& paths = reach["links"];
    rows.push_back({"links", fmt::format("{}, {} of them opened by others; {} punched, {} relayed",
                                         s["links"].get<unsigned>(), s["links_incoming"].get<unsigned>(),
                                         paths["punched"].get<unsigned>(), paths["relayed"].get<unsigned>())});
    rows.push_back({"relays for", fmt::format("{} peers", reach["clients"].get<unsigned>())});
    rows.push_back({"unread", std::to_string(s["inbox"].get<unsigned>())});
  }
  if (s.contains("clock") && s["clock"]["compared"].get<unsigned>() > 0) {
    rows.push_back({"clock", s["clock"]["why"].get<std::string>()});
  }
  if (s.contains("refused_peers"))
    for (const json& one : s["refused_peers"])
      if (is_worth_showing(one)) rows.push_back({"refused", refusals_text(one)});
  const auto why = s["join"]["last_error"].get<std::string>();
  if (!why.empty()) {
    rows.push_back(
        {"joining", fmt::format("{} rounds failed, last: {}", s["join"]["rounds_failed"].get<unsigned>(), why)});
  }
  rows.push_back({"running", fmt::format("{:.0f} s, process {}", s["uptime_s"].get<double>(), s["pid"].get<int>())});
  print_table(rows);
}

/// Standard input to its end, or one byte more than a message may have: an endless input is too long, not endless.
std::string read_input() {
  std::string data(payload_bytes_max + 1, '\0');
  std::cin.read(data.data(), static_cast<std::streamsize>(data.size()));
  data.resize(static_cast<std::size_t>(std::cin.gcount()));
  return data;
}

/// Asks with a payload; without data: what standard input gives.
json ask_with_data(NodeAccess& access, json request, const std::optional<std::string>& given) {
  const std::string data = given ? *given : read_input();
  if (json complaint = payload_complaint(data.size()); !complaint.is_null()) return complaint;
  put_payload(request, std::vector<std::uint8_t>(data.begin(), data.end()));
  return access.ask(request, {});
}

}  // namespace

int broadcast_command(const ClientOptions& options, const std::optional<std::string>& data) {
  return with_access(options, "broadcast", [&](NodeAccess& access) {
    const json reply = ask_with_data(access, {{"op", "broadcast"}}, data);
    return finish(options, "broadcast", reply, [] { tool::print("on its way to everybody\n"); });
  });
}

int send_command(const ClientOptions& options, const SendRequest& request) {
  return with_access(options, "send", [&](NodeAccess& access) {
    json asked = {{"op", "send"}, {"target", request.target}};
    if (request.duplicates) asked["duplicates"] = *request.duplicates;
    if (!request.strategy.empty()) asked["strategy"] = request.strategy;
    const json reply = ask_with_data(access, std::move(asked), request.data);
    return finish(options, "send", reply, [&] {
      tool::print("delivered in {:.1f} ms over {} hops{}\n", reply["took_ms"].get<double>(),
                  reply["hops"].get<unsigned>(), reply["sealed"].get<bool>() ? ", sealed" : "");
    });
  });
}

int receive_command(const ClientOptions& options, const ReceiveRequest& request) {
  return with_access(options, "recv", [&](NodeAccess& access) {
    json asked = {{"op", "recv"}, {"count", request.count}, {"confirm", true}};
    if (request.timeout) asked["timeout_s"] = std::chrono::duration<double>(*request.timeout).count();
    bool is_written = true;
    const json reply =
        access.ask(asked, [&](const json& message) { return is_written = print_message(message, options.json); });
    if (!is_written) {
      tool::complain("cicada-node recv: a message was {}\n", reply.value("error", "lost"));
      return static_cast<int>(exit_good);  // What became of the output decides (tool::finish_output).
    }
    // The messages are the result; the last reply only says that there are no more.
    return finish(options, "recv", reply, [] {});
  });
}

int lookup_command(const ClientOptions& options, const std::string& key) {
  return with_access(options, "lookup", [&](NodeAccess& access) {
    const json reply = access.ask({{"op", "lookup"}, {"key", key}}, {});
    return finish(options, "lookup", reply, [&] {
      print_table({{"key", reply["key"].get<std::string>()},
                   {"owner", reply["owner"]["id"].get<std::string>()},
                   {"endpoint", text_or_dash(reply["owner"]["endpoint"])},
                   {"hops", std::to_string(reply["hops"].get<unsigned>())},
                   {"took", fmt::format("{:.1f} ms", reply["took_ms"].get<double>())}});
    });
  });
}

int peers_command(const ClientOptions& options) {
  return with_access(options, "peers", [&](NodeAccess& access) {
    const json reply = access.ask({{"op", "peers"}}, {});
    return finish(options, "peers", reply, [&] {
      std::vector<std::vector<std::string>> rows = {{"ID", "ENDPOINT", "NAME", "ROLES"}};
      for (const json& peer : reply["peers"]) {
        const auto name = peer["name"].get<std::string>();
        rows.push_back({short_id(peer["id"]), text_or_dash(peer["endpoint"]),
                        !name.empty() ? name : std::string(peer["trusted"].get<bool>() ? "(pinned)" : "-"),
                        peer_roles(peer)});
      }
      print_table(rows);
    });
  });
}

int status_command(const ClientOptions& options) {
  return with_access(options, "status", [&](NodeAccess& access) {
    const json reply = access.ask({{"op", "status"}}, {});
    return finish(options, "status", reply, [&] { print_status(reply); });
  });
}

}  // namespace cicada::node
