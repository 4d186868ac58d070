#pragma once
/// Threads that take turns: one runs while all others wait, so that what they do together has one order.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <cicada/time.hpp>

namespace cicada::sim {

class Turns {
 public:
  /// What a thread waits for: looked at by whichever thread gives up its turn.
  using Ready = std::function<bool()>;

  /// The calling thread has the first turn. `pass(until)` is called while nobody is ready: it makes some progress, at
  /// most up to that time, the earliest of all deadlines.
  explicit Turns(std::function<void(TimePoint until)> pass) : pass_(std::move(pass)) {
    members_.emplace_back().thread = std::this_thread::get_id();
    running_ = &members_.front();
  }

  /// Gives up the turn until `ready` holds, which it does by `deadline` at the latest.
  void wait(TimePoint deadline, Ready ready);

  /// A member of the round; the place does not move.
  struct Member {
    std::thread::id thread;
    Ready ready;
    TimePoint deadline{};
    bool over = false;
    std::condition_variable turn;
  };
  /// To be called by the thread that starts another one; `join` belongs to it.
  Member& add();
  /// The new thread's first call: waits for its first turn.
  void begin(Member& member);
  /// Its last call.
  void end(Member& member);
  /// Waits for another thread's last call.
  void join(const Member& member, TimePoint deadline) {
    wait(deadline, [&] { return member.over; });
  }

 private:
  void pass_on();

  std::mutex mutex_;
  std::function<void(TimePoint)> pass_;
  std::deque<Member> members_;
  Member* running_ = nullptr;
};

}  // namespace cicada::sim
