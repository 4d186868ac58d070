#pragma once
/// CICADA_ASSERT: the check for our own bugs. It is on in every build. It never guards remote input: bytes from a
/// stranger are counted and dropped.

#include <string>

namespace cicada {

/// Called once by a failed assertion before the process aborts; a simulator sets it to add its seed and event number.
/// Not thread-safe: set it before threads start.
using AssertContext = std::string (*)();
void set_assert_context(AssertContext context) noexcept;

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace cicada

#define CICADA_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::cicada::assertion_failed(#condition, __FILE__, __LINE__))
