#include <cicada/id.hpp>

namespace cicada {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Id Id::from_bytes(std::span<const std::uint8_t, size_bytes> bytes) {
  Id id;
  for (std::size_t i = 0; i < size_bytes; ++i) id.words[i / 8] = (id.words[i / 8] << 8) | bytes[i];
  return id;
}

std::array<std::uint8_t, Id::size_bytes> Id::to_bytes() const {
  std::array<std::uint8_t, size_bytes> bytes{};
  for (std::size_t i = 0; i < size_bytes; ++i) bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> (56 - 8 * (i % 8)));
  return bytes;
}

std::string Id::to_hex() const {
  std::string text;
  text.reserve(2 * size_bytes);
  for (const std::uint8_t byte : to_bytes()) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<Id> Id::from_hex(std::string_view text) {
  if (text.size() != 2 * size_bytes) return std::nullopt;
  std::array<std::uint8_t, size_bytes> bytes{};
  for (std::size_t i = 0; i < size_bytes; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return from_bytes(bytes);
}

}  // namespace cicada
