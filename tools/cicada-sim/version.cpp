#include "version.hpp"

#include <fmt/core.h>

#include <cicada/sim/output_folder.hpp>

#ifndef CICADA_VERSION
#define CICADA_VERSION "(unknown version)"
#endif

namespace cicada::tool {

std::string version_text() {
  // The manifest of a run states the same, so that a result and the program that made it can be matched.
  const auto manifest = sim::make_manifest({}, "");
  return fmt::format("cicada-sim {}\ncommit {}\ncompiler {}\nbuild {}", CICADA_VERSION,
                     manifest["commit"].get<std::string>(), manifest["compiler"].get<std::string>(),
                     manifest["build"].get<std::string>());
}

}  // namespace cicada::tool
