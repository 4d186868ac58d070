#pragma once
/// Runs a call that cannot be cancelled in a thread of its own, and waits for it no longer than patience lasts.
///
/// The functions of miniupnpc block for seconds, and for ever where a hostile gateway sends one byte now and then. A
/// call that outlives our patience is abandoned: its thread ends by itself when the call does. As abandoned threads
/// could pile up, no new call is begun while `running_max` of them are alive.

#include <atomic>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "wait.hpp"

namespace cicada {

/// A call under way. Dropping it abandons the call.
template <class Result>
class AsideCall {
 public:
  /// The result, or nothing when patience ended first or the call could not be begun.
  std::optional<Result> wait(const Patience& patience) {
    if (!shared_) return std::nullopt;
    const int done[] = {shared_->done.descriptor()};
    if (wait_readable(done, patience) != Waited::readable) return std::nullopt;
    if (!shared_->is_written.load(std::memory_order_acquire)) return std::nullopt;
    return std::move(std::exchange(shared_, nullptr)->result);
  }

 private:
  friend class Aside;
  struct Shared {
    Signal done;
    std::optional<Result> result;  // Written before `is_written`, read after it.
    std::atomic<bool> is_written{false};
  };
  std::shared_ptr<Shared> shared_;
};

class Aside {
 public:
  static constexpr int running_max = 4;

  /// Begins `call()`, which must own all that it uses, because it may go on after this object is gone. It must not
  /// throw.
  template <class Call>
  auto start(Call call) -> AsideCall<decltype(call())>;

 private:
  std::shared_ptr<std::atomic<int>> running_ = std::make_shared<std::atomic<int>>(0);
};

template <class Call>
auto Aside::start(Call call) -> AsideCall<decltype(call())> {
  AsideCall<decltype(call())> begun;
  if (running_->load() >= running_max) return begun;
  begun.shared_ = std::make_shared<typename AsideCall<decltype(call())>::Shared>();
  running_->fetch_add(1);
  try {
    std::thread([call = std::move(call), shared = begun.shared_, running = running_]() mutable {
      shared->result.emplace(call());
      shared->is_written.store(true, std::memory_order_release);
      running->fetch_sub(1);
      shared->done.raise();
    }).detach();
  } catch (const std::system_error&) {
    running_->fetch_sub(1);
    begun.shared_.reset();
  }
  return begun;
}

}  // namespace cicada
