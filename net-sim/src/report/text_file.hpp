#pragma once
/// Reads a whole file into memory.

#include <expected>
#include <filesystem>
#include <string>

namespace cicada::sim::report {

/// The bytes of a file, or one sentence that names the path and the system's reason.
[[nodiscard]] std::expected<std::string, std::string> read_text_file(const std::filesystem::path& path);

}  // namespace cicada::sim::report
