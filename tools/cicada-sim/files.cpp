#include "files.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace cicada::tool {

std::optional<nlohmann::ordered_json> read_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  auto value = nlohmann::ordered_json::parse(stream, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

std::expected<void, std::string> replace_file(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path staged = file;
  staged.replace_filename("." + file.filename().string() + ".partial");
  std::ofstream stream(staged, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) {
    const int failure = errno;
    std::error_code ignored;
    std::filesystem::remove(staged, ignored);
    return std::unexpected(fmt::format("{}: cannot write this file: {}", file.string(), std::strerror(failure)));
  }
  std::error_code error;
  std::filesystem::rename(staged, file, error);
  if (!error) return {};
  std::error_code ignored;
  std::filesystem::remove(staged, ignored);
  return std::unexpected(fmt::format("{}: cannot replace this file: {}", file.string(), error.message()));
}

}  // namespace cicada::tool
