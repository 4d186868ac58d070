#pragma once
/// Big-endian numbers and runs of bytes, for the hello and for what the authority signs. The messages of the protocol
/// have their own codec in core.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/peer.hpp>

namespace cicada {

class BytesOut {
 public:
  explicit BytesOut(std::vector<std::uint8_t>& out) : out_(out) {}

  template <std::unsigned_integral T>
  void number(T value) {
    for (unsigned shift = 8 * sizeof(T); shift > 0; shift -= 8)
      out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (shift - 8)));
  }
  void run(std::span<const std::uint8_t> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void endpoint(const Endpoint& endpoint) {
    run(endpoint.address);
    number(endpoint.port);
  }

 private:
  std::vector<std::uint8_t>& out_;
};

/// Reading past the end gives zeros, and `good` is false from then on.
class BytesIn {
 public:
  explicit BytesIn(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  template <std::unsigned_integral T>
  T number() {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : run(sizeof(T))) value = (value << 8) | byte;
    return static_cast<T>(value);
  }
  /// Empty where fewer bytes are left.
  std::span<const std::uint8_t> run(std::size_t count) {
    if (count > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const auto bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }
  template <std::size_t n>
  std::array<std::uint8_t, n> array() {
    std::array<std::uint8_t, n> bytes{};
    std::ranges::copy(run(n), bytes.begin());
    return bytes;
  }
  Id id() { return Id::from_bytes(array<Id::size_bytes>()); }
  Endpoint endpoint() {
    Endpoint endpoint;
    endpoint.address = array<16>();
    endpoint.port = number<std::uint16_t>();
    return endpoint;
  }

 private:
  std::span<const std::uint8_t> rest_;
  bool good_ = true;
};

}  // namespace cicada
