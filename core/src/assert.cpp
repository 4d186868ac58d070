#include <cicada/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace cicada {
namespace {
AssertContext assert_context = nullptr;
}

void set_assert_context(AssertContext context) noexcept { assert_context = context; }

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  if (assert_context != nullptr) std::fprintf(stderr, "%s\n", assert_context().c_str());
  std::abort();
}

}  // namespace cicada
