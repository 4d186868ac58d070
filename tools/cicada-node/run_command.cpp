#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>

#include "commands.hpp"
#include "config_keys.hpp"
#include "control_server.hpp"
#include "exit_status.hpp"
#include "key_file.hpp"
#include "node_service.hpp"
#include "node_setup.hpp"
#include "output.hpp"
#include "state_store.hpp"

namespace cicada::node {
namespace {

/// A terminal that closes takes the programs in its foreground with it, by the same signal as asks daemons to reload.
bool has_terminal() {
  const int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (terminal >= 0) close(terminal);
  return terminal >= 0;
}

/// As `nohup` starts programs.
bool ignores_hangups() {
  struct sigaction action{};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// The keys that have not the same value, with commas between.
std::string names_of_differences(const NodeConfig& a, const NodeConfig& b) {
  std::string names;
  for (const ConfigKey& key : config_keys()) {
    if (key.get(a) != key.get(b)) names += (names.empty() ? "" : ", ") + std::string(key.name);
  }
  return names;
}

/// Everything of one daemon, from the lock on its folder to the last save.
class Daemon {
 public:
  Daemon(const NodeConfig& config, bool json, const ConfigSource& source)
      : config_(config),
        source_(source),
        log_(config.log, json || config.log_json, json ? stdout : stderr),
        store_(state_folder(config)),
        signals_(context_, SIGTERM, SIGINT, SIGHUP),
        service_(context_, config, identity(config), load_trusted(config), &store_, log_,
                 {.listening = {}, .joined = {}, .fatal = [this](const std::string& why) { fail(why); }}),
        control_(
            context_, control_path(config),
            [this](const std::shared_ptr<Caller>& caller, const nlohmann::json& request) {
              handle_request(service_, caller, request);
            },
            log_) {
    log_.info("ready for commands", {{"control", control_path(config).string()}});
  }

  int run() {
    watch_signals();
    service_.start();
    context_.run();
    return status_;
  }

 private:
  NodeIdentity identity(const NodeConfig& config) {
    bool is_new = false;
    NodeIdentity identity = load_identity(config, is_new);
    if (is_new) {
      log_.info("new identity", {{"file", key_path(config).string()}, {"key", to_hex(public_key_of(identity.key))}});
    }
    return identity;
  }

  void watch_signals() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      if (number != SIGHUP || (had_terminal_ && !has_terminal())) return stop(number);
      reload();
      watch_signals();
    });
  }

  /// SIGHUP: what can be changed now is, and what cannot is named. Where something is wrong all stays as it was.
  void reload() {
    const auto fresh = source_.read();
    if (!fresh) {
      for (const std::string& complaint : fresh.error()) log_.error("not reloaded", {{"why", complaint}});
      return;
    }
    NodeConfig next = config_;
    take_reloadable(next, *fresh);
    try {
      TrustedPeers trusted = load_trusted(next);
      const auto pinned = trusted.all().size();
      service_.reload(next, std::move(trusted));
      log_.set_level(std::max(config_.log, next.log));  // So that this line is seen.
      log_.info("reloaded",
                {{"file", source_.file.empty() ? "none; only the pinned peers are read again" : source_.file},
                 {"changed", names_of_differences(config_, next)},
                 {"pinned_peers", pinned}});
    } catch (const std::runtime_error& error) {
      log_.error("not reloaded", {{"why", error.what()}});
      return;
    }
    log_.set_level(next.log);
    const std::string left = names_of_differences(next, *fresh);
    if (!left.empty()) log_.warning("needs a restart", {{"keys", left}});
    config_ = std::move(next);
  }

  void stop(int number) {
    const auto start = std::chrono::steady_clock::now();
    // Whoever asks twice does not want to wait for the neighbours.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGHUP, SIG_IGN);
    service_.stop();
    const auto took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    log_.info("stopped", {{"signal", number}, {"took_ms", took}});
    context_.stop();
  }

  void fail(const std::string& why) {
    log_.error("cannot listen", {{"why", why}});
    status_ = exit_bad_input;
    context_.stop();
  }

  NodeConfig config_;  ///< As read; what the node runs with may be more exact.
  ConfigSource source_;
  NodeLog log_;
  bool had_terminal_ = has_terminal() && !ignores_hangups();  ///< Of which it is to hear the end.
  boost::asio::io_context context_;
  StateStore store_;
  boost::asio::signal_set signals_;
  int status_ = exit_good;
  NodeService service_;
  ControlServer control_;
};

}  // namespace

int run_daemon(const NodeConfig& config, bool json, const ConfigSource& source) {
  try {
    Daemon daemon(config, json, source);
    return daemon.run();
  } catch (const std::system_error& error) {
    tool::complain("cicada-node run: {}\n", error.what());
  } catch (const std::runtime_error& error) {
    tool::complain("cicada-node run: {}\n", error.what());
  }
  return exit_bad_input;
}

int print_configuration(const NodeConfig& config) {
  tool::write_data(print_config(config, true));
  return exit_good;
}

}  // namespace cicada::node
