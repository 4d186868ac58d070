#pragma once
/// Small files, read whole.

#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

namespace cicada::tool {

/// The JSON object in a file, or nothing where there is no such file or it holds something else.
std::optional<nlohmann::ordered_json> read_json(const std::filesystem::path& file);

}  // namespace cicada::tool
