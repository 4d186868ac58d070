#include "files.hpp"

#include <fstream>

namespace cicada::tool {

std::optional<nlohmann::ordered_json> read_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  auto value = nlohmann::ordered_json::parse(stream, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

}  // namespace cicada::tool
