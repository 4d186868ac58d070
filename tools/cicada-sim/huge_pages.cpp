#include "huge_pages.hpp"

#include <unistd.h>

#include <cstdlib>

namespace cicada::tool {

void restart_with_huge_pages(char** argv) {
  constexpr const char* variable = "GLIBC_TUNABLES";
  if (std::getenv(variable) != nullptr) return;
  if (setenv(variable, "glibc.malloc.hugetlb=1", 0) == 0) execv("/proc/self/exe", argv);
}

}  // namespace cicada::tool
