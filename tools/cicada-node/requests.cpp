#include "requests.hpp"

#include <fmt/core.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cicada/identity.hpp>
#include <cicada/sim/nearest.hpp>

#include "config_keys.hpp"
#include "exit_status.hpp"
#include "message_text.hpp"
#include "on_context.hpp"
#include "sealing.hpp"

namespace cicada::node {

void Caller::end(nlohmann::json answer) {
  answer["ok"] = true;
  answer["done"] = true;
  if (!is_gone) reply(answer, [] {});
}

void Caller::fail(int status, const std::string& why) {
  if (!is_gone) reply({{"ok", false}, {"done", true}, {"status", status}, {"error", why}}, [] {});
}

void Caller::take() const {
  if (const auto taken = on_taken) taken();  // It may replace itself.
}

void Caller::go() {
  is_gone = true;
  on_taken = nullptr;
  if (const auto gone = std::exchange(on_gone, nullptr)) gone();
}

namespace {

using nlohmann::json;
using CallerPointer = std::shared_ptr<Caller>;
using namespace std::chrono_literals;

constexpr double timeout_s_max = 1e9;

double in_ms(Duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// A wrong request; becomes a reply.
struct BadRequest {
  std::string why;
};

template <class Number>
Number number_of(const json& request, const char* name, Number fallback, double high) {
  if (!request.contains(name) || request[name].is_null()) return fallback;
  const json& value = request[name];
  if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > high) {
    throw BadRequest{fmt::format("{}: expected a number from 0 to {}", name, high)};
  }
  return value.get<Number>();
}

std::string text_of(const json& request, const char* name) {
  if (!request.contains(name) || !request[name].is_string())
    throw BadRequest{fmt::format("expected a text '{}'", name)};
  return request[name].get<std::string>();
}

struct Addressee {
  Target target;
  const TrustedPeer* pinned = nullptr;
};

/// A pinned name, an id, or a host and port.
Addressee addressee_of(const NodeService& service, const std::string& text) {
  if (const TrustedPeer* pinned = service.trusted().by_name(text)) {
    if (service.config().ids != IdPolicy::address) return {id_of_key(pinned->key), pinned};
    if (pinned->address) return {id_of_endpoint(*pinned->address), pinned};
    throw BadRequest{fmt::format("'{}' is pinned without an address, which this swarm's ids are made of", text)};
  }
  if (const auto id = Id::from_hex(text)) return {*id, service.trusted().by_id(*id)};
  if (const auto endpoint = parse_endpoint(text); endpoint && endpoint->port != 0) {
    return {*parse_host_port(text), service.trusted().by_id(id_of_endpoint(*endpoint))};
  }
  if (const auto address = parse_host_port(text)) return {*address, nullptr};
  throw BadRequest{fmt::format(
      "found '{}', expected host:port, an id of 64 hexadecimal digits, or the name of a pinned peer", text)};
}

void send(NodeService& service, const CallerPointer& caller, const json& request) {
  const Addressee addressee = addressee_of(service, text_of(request, "target"));
  auto payload = get_payload(request);
  if (!payload) throw BadRequest{payload.error()};
  const unsigned duplicates = number_of<unsigned>(request, "duplicates", service.config().duplicates, duplicates_max);
  NodeConfig how = service.config();
  if (request.contains("strategy")) {
    const std::string name = text_of(request, "strategy");
    const auto set = find_config_key("strategy")->set(how, name);
    if (!set) throw BadRequest{fmt::format("strategy: found '{}', expected {}", name, set.error())};
  }
  const bool sealed = addressee.pinned != nullptr;
  if (sealed) {
    auto box = seal(*payload, service.identity().key, addressee.pinned->key);
    if (!box) throw BadRequest{"the pinned key of the target is no Ed25519 key"};
    payload = *std::move(box);
  }
  service.peer()->async_send(addressee.target, *std::move(payload), SendOptions(duplicates, how.strategy),
                             on_context(service.context(), [caller, sealed](std::error_code error, SendReport report) {
                               if (error) return caller->fail(exit_not_delivered, "not delivered: " + error.message());
                               caller->end({{"hops", report.hops},
                                            {"took_ms", in_ms(report.took)},
                                            {"transmissions", report.transmissions},
                                            {"copies", report.copies},
                                            {"sealed", sealed}});
                             }));
}

void broadcast(NodeService& service, const CallerPointer& caller, const json& request) {
  auto payload = get_payload(request);
  if (!payload) throw BadRequest{payload.error()};
  service.peer()->async_broadcast(*std::move(payload), {},
                                  on_context(service.context(), [caller](std::error_code error, const MessageId&) {
                                    if (error) {
                                      return caller->fail(exit_not_delivered, "not broadcast: " + error.message());
                                    }
                                    caller->end(json::object());
                                  }));
}

/// The state of one `recv`: so many messages, one after the other, or until time is up. It belongs to its caller, and
/// to whatever waits for it.
struct Receiving {
  NodeService& service;
  CallerPointer caller;
  unsigned left;  ///< 0 at the beginning: for ever.
  bool for_ever;
  bool confirm;  ///< The caller says that it has taken a message; else one that was written out counts as taken.
  boost::asio::steady_timer timer;
  unsigned received = 0;
  bool is_over = false;
  bool is_time_up = false;
  std::optional<OpenedMessage> given;  ///< And not taken yet.
};

void end_receiving(Receiving& receiving) {
  receiving.is_over = true;
  receiving.timer.cancel();
  const CallerPointer caller = receiving.caller;
  caller->on_taken = caller->on_gone = nullptr;
  // Whoever asked for all that come has got them.
  if (receiving.for_ever || receiving.left == 0) return caller->end({{"received", receiving.received}});
  caller->fail(exit_not_delivered, fmt::format("{} messages came in time", receiving.received));
}

void receive_next(const std::shared_ptr<Receiving>& receiving) {
  const auto is_wanted = [receiving] { return !receiving->is_over && !receiving->caller->is_gone; };
  const auto deliver = [receiving](const OpenedMessage& message) {
    receiving->given = message;
    json reply = describe_message(message);
    reply["ok"] = true;
    reply["done"] = false;
    receiving->caller->reply(reply, [receiving] {
      if (!receiving->confirm) receiving->caller->take();
    });
  };
  receiving->service.receiver().wait({is_wanted, deliver});
}

void on_taken(const std::shared_ptr<Receiving>& receiving) {
  if (!receiving->given) return;
  receiving->given.reset();
  ++receiving->received;
  if (!receiving->for_ever) --receiving->left;
  if (receiving->is_time_up || (!receiving->for_ever && receiving->left == 0)) return end_receiving(*receiving);
  receive_next(receiving);
}

void receive(NodeService& service, const CallerPointer& caller, const json& request) {
  const unsigned count = number_of<unsigned>(request, "count", 1, 1e9);
  const double timeout_s = number_of<double>(request, "timeout_s", 0, timeout_s_max);
  if (request.contains("confirm") && !request["confirm"].is_boolean()) {
    throw BadRequest{"confirm: expected true or false"};
  }
  const auto receiving =
      std::make_shared<Receiving>(service, caller, count, count == 0, request.value("confirm", false),
                                  boost::asio::steady_timer(service.context()));
  caller->on_taken = [receiving] { on_taken(receiving); };
  caller->on_gone = [receiving] {
    receiving->is_over = true;
    receiving->timer.cancel();
    if (receiving->given) receiving->service.receiver().give_back(*std::exchange(receiving->given, std::nullopt));
  };
  if (timeout_s > 0) {
    receiving->timer.expires_after(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(timeout_s)));
    receiving->timer.async_wait([receiving](const boost::system::error_code& error) {
      if (error || receiving->is_over) return;
      receiving->is_time_up = true;
      if (!receiving->given) end_receiving(*receiving);
    });
  }
  receive_next(receiving);
}

void look_up(NodeService& service, const CallerPointer& caller, const json& request) {
  const std::string text = text_of(request, "key");
  const auto endpoint = parse_endpoint(text);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());  // NOLINT: text as bytes.
  const auto given = Id::from_hex(text);
  const Id key = given ? *given : endpoint ? id_of_endpoint(*endpoint) : sha256(std::span(bytes, text.size()));
  service.peer()->async_lookup(
      key, on_context(service.context(), [caller, key](std::error_code error, const LookupReport& report) {
        if (error) return caller->fail(exit_not_delivered, "no answer: " + error.message());
        caller->end({{"key", key.to_hex()},
                     {"owner", describe_peer(report.owner)},
                     {"hops", report.hops},
                     {"took_ms", in_ms(report.took)}});
      }));
}

void list_peers(NodeService& service, const CallerPointer& caller) {
  json list = json::array();
  for (const PeerInfo& info : service.peer()->peers()) {
    json entry = describe_peer({info.contact.id, info.contact.endpoint, info.key});
    entry["linked"] = info.linked;
    entry["path"] = to_string(info.path);
    entry["successor"] = info.successor;
    entry["predecessor"] = info.predecessor;
    entry["finger"] = info.finger;
    const TrustedPeer* pinned = info.key ? service.trusted().by_key(*info.key) : nullptr;
    entry["trusted"] = pinned != nullptr;
    entry["name"] = pinned != nullptr ? pinned->name : "";
    list.push_back(std::move(entry));
  }
  caller->end({{"peers", std::move(list)}});
}

/// Looks again and again whether there is another peer, a while apart; there is no event for it.
struct Waiting {
  NodeService& service;
  CallerPointer caller;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  boost::asio::steady_timer timer;
};

void wait_for_a_peer(const std::shared_ptr<Waiting>& waiting) {
  if (waiting->caller->is_gone || !waiting->service.peer()) return;
  if (waiting->service.peer()->statistics().neighbours > 0) return waiting->caller->end({{"peer", true}});
  if (waiting->deadline && std::chrono::steady_clock::now() >= *waiting->deadline) {
    return waiting->caller->end({{"peer", false}});
  }
  waiting->timer.expires_after(50ms);
  waiting->timer.async_wait([waiting](const boost::system::error_code& error) {
    if (!error) wait_for_a_peer(waiting);
  });
}

void wait_for_a_peer(NodeService& service, const CallerPointer& caller, const json& request) {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  if (request.contains("timeout_s")) {
    const double time = number_of<double>(request, "timeout_s", 0, timeout_s_max);
    deadline =
        std::chrono::steady_clock::now() + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(time));
  }
  wait_for_a_peer(std::make_shared<Waiting>(service, caller, deadline, boost::asio::steady_timer(service.context())));
}

void dispatch(NodeService& service, const CallerPointer& caller, const json& request) {
  if (!request.is_object()) throw BadRequest{"expected an object"};
  const std::string op = text_of(request, "op");
  if (op == "status") return caller->end(service.status());
  if (!service.peer()) return caller->fail(exit_not_delivered, "the node does not listen yet");
  if (op == "send") return send(service, caller, request);
  if (op == "broadcast") return broadcast(service, caller, request);
  if (op == "recv") return receive(service, caller, request);
  if (op == "lookup") return look_up(service, caller, request);
  if (op == "peers") return list_peers(service, caller);
  if (op == "wait") return wait_for_a_peer(service, caller, request);
  constexpr std::array<std::string_view, 7> known = {"send", "broadcast", "recv", "lookup", "peers", "status", "wait"};
  throw BadRequest{fmt::format("unknown op '{}'; {}", op, sim::expected_one_of(op, known))};
}

}  // namespace

void handle_request(NodeService& service, const std::shared_ptr<Caller>& caller, const json& request) {
  try {
    dispatch(service, caller, request);
  } catch (const BadRequest& bad) {
    caller->fail(exit_bad_input, bad.why);
  } catch (const std::system_error& error) {
    caller->fail(exit_not_delivered, error.what());
  } catch (const std::exception& error) {
    caller->fail(exit_internal, error.what());
  }
}

}  // namespace cicada::node
