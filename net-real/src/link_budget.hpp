#pragma once
/// How many frames and bytes one link may bring: two token buckets that hold what may come in one second. Looked at
/// before a frame is decoded, copied, hashed or verified.

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cicada {

class LinkBudget {
 public:
  using Clock = std::chrono::steady_clock;

  void fill(Clock::time_point now, double frames_per_second, double bytes_per_second) {
    since_ = now;
    frames_ = frames_per_second;
    bytes_ = bytes_per_second;
  }
  /// Takes one frame. It may have more bytes than are left, as no link would ever carry a long one otherwise; what it
  /// took too much is waited for by those behind it.
  bool take(std::size_t bytes, double frames_per_second, double bytes_per_second) {
    if (frames_ < 1 || bytes_ <= 0) {
      const auto now = Clock::now();
      const double elapsed = std::chrono::duration<double>(now - since_).count();
      since_ = now;
      frames_ = std::min(frames_per_second, frames_ + frames_per_second * elapsed);
      bytes_ = std::min(bytes_per_second, bytes_ + bytes_per_second * elapsed);
      if (frames_ < 1 || bytes_ <= 0) return false;
    }
    frames_ -= 1;
    bytes_ -= static_cast<double>(bytes);
    return true;
  }

 private:
  Clock::time_point since_{};
  double frames_ = 0;
  double bytes_ = 0;
};

}  // namespace cicada
