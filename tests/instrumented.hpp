#pragma once
/// Under a sanitizer everything takes some twenty times as long, and a part of the worlds takes the same paths through
/// the code. Plain builds look at all of them.

#include <algorithm>
#include <cstdint>

namespace cicada::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool instrumented = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool instrumented = true;
#else
inline constexpr bool instrumented = false;
#endif
#else
inline constexpr bool instrumented = false;
#endif

/// `count`, or an eighth of it under a sanitizer; at least one.
constexpr std::uint64_t thinned(std::uint64_t count) {
  return instrumented ? std::max<std::uint64_t>(1, count / 8) : count;
}

}  // namespace cicada::test
