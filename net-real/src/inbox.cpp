#include "inbox.hpp"

namespace cicada {

void Inbox::push(Letter letter) {
  {
    const std::lock_guard lock(mutex_);
    bytes_ += letter.data->size();
    letters_.push_back(std::move(letter));
  }
  arrived_.notify_one();
}

/// Copies the payload outside the lock: the reactor must not wait for a reader.
std::optional<Received> Inbox::take(std::unique_lock<std::mutex>& lock) {
  if (letters_.empty()) return std::nullopt;
  const Letter letter = std::move(letters_.front());
  letters_.pop_front();
  bytes_ -= letter.data->size();
  const bool more = !letters_.empty();
  lock.unlock();
  return open(letter, more);
}

std::optional<Received> Inbox::try_pop() {
  std::unique_lock lock(mutex_);
  return take(lock);
}

std::optional<Received> Inbox::pop(std::optional<Clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closed_ || !letters_.empty(); };
  if (deadline)
    arrived_.wait_until(lock, *deadline, ready);
  else
    arrived_.wait(lock, ready);
  return take(lock);
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
}

}  // namespace cicada
