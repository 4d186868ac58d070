#pragma once
/// Small files, read and replaced whole.

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace cicada::tool {

/// The JSON object in a file, or nothing where there is no such file or it holds something else.
std::optional<nlohmann::ordered_json> read_json(const std::filesystem::path& file);

/// Writes a file under another name and renames it, so that a reader sees the old text or the new one. The error is one
/// sentence that names the file.
std::expected<void, std::string> replace_file(const std::filesystem::path& file, std::string_view text);

}  // namespace cicada::tool
