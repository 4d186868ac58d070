#include <fmt/core.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>
#include <stdexcept>

#include <cicada/address_kind.hpp>

#include "exit_status.hpp"
#include "key_file.hpp"
#include "node_access.hpp"
#include "node_service.hpp"
#include "node_setup.hpp"
#include "requests.hpp"

namespace cicada::node {
namespace {

using nlohmann::json;

json failure(int status, const std::string& why) {
  return {{"ok", false}, {"done", true}, {"status", status}, {"error", why}};
}

/// Loopback cannot be reached from any other interface.
NodeConfig for_one_action(NodeConfig config) {
  if (config.interface.empty() && !config.bootstrap.empty()) {
    const std::string& host = config.bootstrap.front().host;
    if (host == "localhost" || address_kind(host) == "loopback") config.interface = host;
  }
  config.map_port = false;
  return config;
}

/// The key of the node's folder where there is one, so that pinned peers know who calls.
NodeIdentity identity_of(const NodeConfig& config) {
  NodeIdentity identity = fresh_identity(config);
  if (const auto seed = config.key.empty() ? std::nullopt : read_key_file(config.key)) identity.key = *seed;
  return identity;
}

class OwnNodeAccess final : public NodeAccess {
 public:
  explicit OwnNodeAccess(const NodeConfig& config)
      : must_join_(!config.bootstrap.empty()),
        log_(config.log == LogLevel::info ? LogLevel::error : config.log, config.log_json),
        signals_(context_, SIGINT, SIGTERM),
        service_(context_, for_one_action(config), identity_of(config), load_trusted(config), nullptr, log_,
                 {.listening = {},
                  .joined = [this](std::error_code error) { join_result_ = error; },
                  .fatal = [this](const std::string& why) { fatal_ = why; }}) {
    signals_.async_wait([this](const boost::system::error_code& error, int) { is_interrupted_ = !error; });
    service_.start();
    if (!fatal_.empty()) throw std::runtime_error(fatal_);
  }

  json ask(const json& request, const std::function<bool(const json&)>& on_reply) override {
    if (must_join_ && !join_result_) {
      run_until([this] { return join_result_.has_value(); });
    }
    if (is_interrupted_) return failure(exit_interrupted, "interrupted");
    if (join_result_ && *join_result_) {
      return failure(exit_not_delivered, "could not join the swarm: " + service_.join_failure());
    }
    const bool confirm = request.value("confirm", false);
    std::optional<json> last;
    const auto caller = std::make_shared<Caller>();
    caller->reply = [&](const json& reply, const std::function<void()>& written) {
      if (reply.value("done", true)) {
        last = reply;
      } else if (on_reply(reply)) {
        // Not from within: a recursion as deep as there are messages.
        boost::asio::post(context_, [caller = std::weak_ptr(caller), written, confirm] {
          const auto there = caller.lock();
          if (!there) return;
          written();
          if (confirm) there->take();
        });
      } else {
        last = failure(exit_not_delivered, "not taken, and lost with this node, which was there for one action only");
      }
    };
    handle_request(service_, caller, request);
    run_until([&] { return last.has_value(); });
    caller->go();
    return last ? *last : failure(exit_interrupted, "interrupted");
  }

 private:
  template <class Condition>
  void run_until(Condition condition) {
    while (!condition() && !is_interrupted_) context_.run_one();
  }

  bool must_join_;
  NodeLog log_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_ =
      boost::asio::make_work_guard(context_);
  boost::asio::signal_set signals_;
  std::optional<std::error_code> join_result_;
  bool is_interrupted_ = false;
  std::string fatal_;
  NodeService service_;
};

}  // namespace

std::unique_ptr<NodeAccess> join_by_itself(const NodeConfig& config) { return std::make_unique<OwnNodeAccess>(config); }

}  // namespace cicada::node
