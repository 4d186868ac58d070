#include "key_file.hpp"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>

#include <cicada/id.hpp>

#include "durable_file.hpp"

namespace cicada::node {
namespace {

constexpr std::string_view key_magic = "cicada-key 1 ";

}  // namespace

KeySeed create_key_file(const std::filesystem::path& path) {
  const KeySeed seed = random_seed();
  tool::create_durably(path, fmt::format("{}{}\n", key_magic, Id::from_bytes(seed).to_hex()), 0600);
  return seed;
}

std::optional<KeySeed> read_key_file(const std::filesystem::path& path) {
  const auto text = tool::read_if_exists(path);
  if (!text) return std::nullopt;
  struct stat found{};
  if (stat(path.c_str(), &found) == 0 && (found.st_mode & 0077) != 0) {
    throw std::runtime_error(
        fmt::format("{}: others may read this secret key; expected mode 0600 (chmod 600)", path.string()));
  }
  std::string_view rest = *text;
  if (rest.starts_with(key_magic)) rest.remove_prefix(key_magic.size());
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  const auto seed = text->starts_with(key_magic) ? Id::from_hex(rest) : std::nullopt;
  if (!seed) {
    throw std::runtime_error(fmt::format("{}: expected '{}' and 64 hexadecimal digits", path.string(), key_magic));
  }
  return seed->to_bytes();
}

// Keys and ids are both 32 bytes that people see as 64 digits.
std::string to_hex(const PublicKey& key) { return Id::from_bytes(key).to_hex(); }

std::optional<PublicKey> parse_public_key(std::string_view text) {
  const auto bytes = Id::from_hex(text);
  if (!bytes) return std::nullopt;
  PublicKey key;
  std::ranges::copy(bytes->to_bytes(), key.begin());
  return key;
}

}  // namespace cicada::node
