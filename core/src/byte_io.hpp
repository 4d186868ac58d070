#pragma once
/// Big-endian integers and byte runs in a growing buffer, and out of a buffer that may end too early.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cicada {

/// Appends to a vector that somebody else owns.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  template <std::unsigned_integral T>
  void integer(T value) {
    std::array<std::uint8_t, sizeof(T)> bytes;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      bytes[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
    run(bytes);
  }
  void run(std::span<const std::uint8_t> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

 private:
  std::vector<std::uint8_t>& out_;
};

/// Takes from the front. Once the bytes have run out every further read gives zeros, so that a caller may check once at
/// the end of a group of fields.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - offset_; }
  /// A read went past the end.
  [[nodiscard]] bool ran_out() const { return ran_out_; }

  template <std::unsigned_integral T>
  T integer() {
    const auto bytes = run(sizeof(T));
    std::uint64_t value = 0;
    if (!bytes.empty())
      for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8) | bytes[i];
    return static_cast<T>(value);
  }
  /// The next `count` bytes; none at all where there are fewer.
  std::span<const std::uint8_t> run(std::size_t count) {
    if (count > remaining()) ran_out_ = true;
    if (ran_out_) return {};
    offset_ += count;
    return bytes_.subspan(offset_ - count, count);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t offset_ = 0;
  bool ran_out_ = false;
};

}  // namespace cicada
