#pragma once
/// Rings of 64 identifiers that are hard in different ways, and the definition of an arc by walking along the ring.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <cicada/id.hpp>

namespace cicada::test {

/// Name and ids in increasing order.
using SmallRing = std::pair<std::string, std::vector<Id>>;

inline std::vector<SmallRing> small_rings() {
  std::vector<SmallRing> rings = {{"six significant bits, all in the prefix", {}},
                                  {"six significant bits, all at the end: one prefix", {}},
                                  {"two bits in the prefix, two in the second word, two in the last", {}},
                                  {"four bits in the prefix, two in the last word", {}},
                                  {"around zero, by ones", {}}};
  for (std::uint64_t i = 0; i < 64; ++i) {
    rings[0].second.push_back({{i << 58, 0, 0, 0}});
    rings[1].second.push_back({{7, 0, 0, i}});
    rings[2].second.push_back({{(i >> 4) << 62, ((i >> 2) & 3) << 62, 0, i & 3}});
    rings[3].second.push_back({{(i >> 2) << 60, 0, 0, i & 3}});
    const Id middle = {{0, 0, 0, 32}};
    const Id number = {{0, 0, 0, (i + 32) % 64}};
    rings[4].second.push_back(number - middle);
  }
  return rings;
}

/// Positions on a ring: which ones does a walk from `a`, step by step until `b`, meet? The answers are noted once.
class Walk {
 public:
  explicit Walk(const std::vector<Id>& ring) : size_(ring.size()), met_(size_ * size_ * size_) {
    for (std::size_t a = 0; a < size_; ++a)
      for (std::size_t b = 0; b < size_; ++b)
        for (std::size_t at = (a + 1) % size_; at != b; at = (at + 1) % size_) met_[place(a, at, b)] = true;
  }

  [[nodiscard]] bool open(std::size_t a, std::size_t x, std::size_t b) const { return met_[place(a, x, b)]; }
  [[nodiscard]] bool left_open(std::size_t a, std::size_t x, std::size_t b) const { return x == b || open(a, x, b); }

 private:
  [[nodiscard]] std::size_t place(std::size_t a, std::size_t x, std::size_t b) const {
    return (a * size_ + x) * size_ + b;
  }
  std::size_t size_;
  std::vector<bool> met_;
};

}  // namespace cicada::test
