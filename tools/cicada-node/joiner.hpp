#pragma once
/// Joins the swarm through one of the peers that are known, and again when the node finds itself alone. Tries for ever,
/// with pauses that grow. For the thread of the io_context.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <cicada/swarm_peer.hpp>

#include "config.hpp"
#include "node_log.hpp"

namespace cicada::node {

class Joiner {
 public:
  enum class State { alone, joining, joined };

  /// Heard after each whole round of attempts: success, or the last peer's error.
  using RoundDone = std::function<void(std::error_code)>;

  Joiner(boost::asio::io_context& context, const NodeConfig& config, const NodeLog& log, RoundDone round_done);

  /// Begins with this peer; what was under way for an earlier one is forgotten. `candidates` are tried in their order.
  void start(std::shared_ptr<SwarmPeer> peer, std::vector<HostPort> candidates);
  void stop();
  /// Others to join through, from the next round on; one that rests begins at once.
  void set_candidates(std::vector<HostPort> candidates);
  /// Something has changed for the better, perhaps: what failed before is tried again at once.
  void hurry();

  [[nodiscard]] State state() const { return state_; }
  /// Why the last attempt failed; empty after a success.
  [[nodiscard]] const std::string& last_failure() const { return last_failure_; }
  [[nodiscard]] unsigned rounds_failed() const { return rounds_failed_; }

 private:
  void take_renewed();
  void try_next();
  void on_connected(std::error_code error);
  void end_of_round();
  void introduce();
  void watch();
  void after(Duration time, void (Joiner::*next)());

  boost::asio::io_context& context_;
  const NodeConfig& config_;
  const NodeLog& log_;
  RoundDone round_done_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<SwarmPeer> peer_;
  std::vector<HostPort> candidates_;
  std::optional<std::vector<HostPort>> renewed_;  ///< For when no attempt is under way.
  std::size_t next_ = 0;
  std::uint64_t generation_ = 0;  // Handlers of earlier starts are told by it.
  State state_ = State::alone;
  std::error_code last_error_;
  std::string last_failure_;
  bool resting_ = false;  ///< Between two rounds.
  unsigned rounds_failed_ = 0;
  Duration pause_;
  unsigned watches_to_introduction_ = 1;
  unsigned introductions_pause_ = 1;  ///< In watches; doubles.
  std::size_t introduced_ = 0;
};

}  // namespace cicada::node
