#pragma once
/// Reads a whole file into memory.

#include <cstddef>
#include <expected>
#include <filesystem>
#include <limits>
#include <string>

namespace cicada::sim::report {

/// The bytes of a file, or one sentence that names the path and the system's reason, or that the file has more than
/// `bytes_max` bytes.
[[nodiscard]] std::expected<std::string, std::string> read_text_file(
    const std::filesystem::path& path, std::size_t bytes_max = std::numeric_limits<std::size_t>::max());

}  // namespace cicada::sim::report
