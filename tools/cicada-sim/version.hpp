#pragma once
/// Which program this is.

#include <string>

namespace cicada::tool {

/// `cicada-sim 0.1.0 (commit, compiler, build type)`.
std::string version_text();

}  // namespace cicada::tool
