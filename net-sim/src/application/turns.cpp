#include "application/turns.hpp"

#include <algorithm>

#include <cicada/assert.hpp>

namespace cicada::sim {

void Turns::wait(TimePoint deadline, Ready ready) {
  std::unique_lock lock(mutex_);
  Member& self = *running_;
  CICADA_ASSERT(self.thread == std::this_thread::get_id());  // A thread that the swarm did not start.
  self.ready = std::move(ready);
  self.deadline = deadline;
  pass_on();
  self.turn.wait(lock, [&] { return running_ == &self; });
}

Turns::Member& Turns::add() {
  const std::lock_guard lock(mutex_);
  Member& member = members_.emplace_back();
  member.ready = [] { return true; };
  member.deadline = time_never;
  return member;
}

void Turns::begin(Member& member) {
  std::unique_lock lock(mutex_);
  member.thread = std::this_thread::get_id();
  member.turn.wait(lock, [&] { return running_ == &member; });
}

void Turns::end(Member& member) {
  const std::lock_guard lock(mutex_);
  member.over = true;
  pass_on();
}

/// The next one in the round that is ready; time passes until there is one. Each has a deadline, so there will be.
void Turns::pass_on() {
  const auto self = std::ranges::find_if(members_, [&](const Member& member) { return &member == running_; });
  const auto first = static_cast<std::size_t>(self - members_.begin());
  for (;;) {
    TimePoint until = time_never;
    for (std::size_t i = 1; i <= members_.size(); ++i) {
      Member& member = members_[(first + i) % members_.size()];
      if (member.over) continue;
      if (member.ready()) {
        running_ = &member;
        return member.turn.notify_one();
      }
      until = std::min(until, member.deadline);
    }
    CICADA_ASSERT(until != time_never);
    pass_(until);
  }
}

}  // namespace cicada::sim
