#pragma once
/// The messages that nobody has read yet. The reactor puts them in; any thread takes them out.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>

#include <cicada/swarm_peer.hpp>

namespace cicada {

class Inbox {
 public:
  struct Letter {
    RemotePeer source;
    Payload data;
    MessageId id;
    bool to_all = false;
  };
  using Clock = std::chrono::steady_clock;

  Inbox(std::size_t messages_max, std::size_t bytes_max) : messages_max_(messages_max), bytes_max_(bytes_max) {}

  /// Only the reactor puts something in, so what has room once has room until it does.
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    const std::lock_guard lock(mutex_);
    return letters_.size() < messages_max_ && (letters_.empty() || bytes_ + bytes <= bytes_max_);
  }
  void push(Letter letter);
  /// What is there stays.
  void set_limits(std::size_t messages_max, std::size_t bytes_max) {
    const std::lock_guard lock(mutex_);
    messages_max_ = messages_max;
    bytes_max_ = bytes_max;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return letters_.size();
  }

  [[nodiscard]] std::optional<Received> try_pop();
  /// Waits until there is a letter, until `deadline`, or until the inbox is closed.
  [[nodiscard]] std::optional<Received> pop(std::optional<Clock::time_point> deadline);
  /// Nobody waits any more. What is there can still be taken.
  void close();

  [[nodiscard]] static Received open(const Letter& letter, bool more) {
    return {letter.source, *letter.data, more, letter.to_all, letter.id};
  }

 private:
  [[nodiscard]] std::optional<Received> take(std::unique_lock<std::mutex>& lock);

  std::size_t messages_max_;
  std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Letter> letters_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace cicada
