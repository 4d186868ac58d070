/// Property: a slab is a map from indices to objects. Every object keeps its value and its address until it is erased,
/// is destroyed exactly once, and indices are used again, the latest erased one first.

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <cicada/rng.hpp>
#include <cicada/sim/slab.hpp>

namespace {

using cicada::Purpose;
using cicada::Rng;
using cicada::sim::Slab;

/// Counts its living instances in `alive`; throws for negative values.
struct Counted {
  Counted(int& counter, int number) : alive(&counter), value(number) {
    if (number < 0) throw std::invalid_argument("negative");
    ++*alive;
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*alive; }
  int* alive;
  int value;
};

}  // namespace

TEST_CASE("a slab agrees with std::map, and its objects do not move") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Rng rng(seed, Purpose::test);
    Slab<std::string, 4> slab;
    std::map<std::uint32_t, std::pair<std::string, const std::string*>> model;
    bool all_agree = true;
    for (std::uint64_t step = 0; step < 3'000; ++step) {
      const bool grows = step % 1'000 < 500;
      if (model.empty() || rng.below(3) < (grows ? 2U : 1U)) {
        const std::string text(rng.below(40), static_cast<char>('a' + rng.below(26)));
        const std::uint32_t index = slab.emplace(text);
        all_agree = all_agree && model.emplace(index, std::pair(text, &slab[index])).second;
      } else {
        const auto victim = std::next(model.begin(), static_cast<std::ptrdiff_t>(rng.below(model.size())));
        slab.prefetch(victim->first);
        const Slab<std::string, 4>& view = slab;
        all_agree =
            all_agree && view[victim->first] == victim->second.first && &slab[victim->first] == victim->second.second;
        slab.erase(victim->first);
        model.erase(victim);
      }
      all_agree = all_agree && slab.size() == model.size() && slab.empty() == model.empty();
    }
    for (const auto& [index, expected] : model) {
      all_agree = all_agree && slab[index] == expected.first && &slab[index] == expected.second;
    }
    REQUIRE(all_agree);
  }
}

TEST_CASE("any script of emplace and erase destroys every object exactly once") {
  REQUIRE(rc::check("living instances equal the size", [](const std::vector<std::uint8_t>& script) {
    int alive = 0;
    {
      Slab<Counted, 2> slab;
      std::vector<std::uint32_t> indices;
      for (const std::uint8_t step : script) {
        if (step % 3 != 0 || indices.empty()) {
          indices.push_back(slab.emplace(alive, step));
          RC_ASSERT(slab[indices.back()].value == step);
        } else {
          slab.erase(indices[step % indices.size()]);
          indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(step % indices.size()));
        }
        RC_ASSERT(slab.size() == indices.size());
        RC_ASSERT(static_cast<std::size_t>(alive) == indices.size());
      }
    }
    RC_ASSERT(alive == 0);
  }));
}

TEST_CASE("new indices count up from 0, erased ones come back last in first out") {
  Slab<int, 2> slab;
  for (std::uint32_t i = 0; i < 10; ++i) REQUIRE(slab.emplace(static_cast<int>(i)) == i);
  slab.erase(3);
  slab.erase(7);
  REQUIRE(slab.emplace(70) == 7);
  REQUIRE(slab.emplace(30) == 3);
  REQUIRE(slab.emplace(100) == 10);
  REQUIRE(slab[7] == 70);
  REQUIRE(slab[3] == 30);
  REQUIRE(slab[9] == 9);
}

TEST_CASE("a constructor that throws leaves the slab as it was") {
  int alive = 0;
  Slab<Counted, 2> slab;
  const std::uint32_t first = slab.emplace(alive, 1);
  REQUIRE_THROWS_AS(slab.emplace(alive, -1), std::invalid_argument);
  REQUIRE(slab.size() == 1);
  REQUIRE(alive == 1);
  const std::uint32_t second = slab.emplace(alive, 2);
  REQUIRE(second == first + 1);
  REQUIRE(slab.emplace(alive, 3) == second + 1);
  REQUIRE(slab[second].value == 2);
}

TEST_CASE("objects that cannot be copied, and strictly aligned ones, are welcome") {
  Slab<std::unique_ptr<int>> owners;
  const std::uint32_t owner = owners.emplace(std::make_unique<int>(5));
  REQUIRE(*owners[owner] == 5);

  struct alignas(64) Line {
    int value;
  };
  Slab<Line, 2> lines;
  for (int i = 0; i < 20; ++i) {
    const std::uint32_t index = lines.emplace(Line{i});
    REQUIRE(reinterpret_cast<std::uintptr_t>(&lines[index]) % 64 == 0);
  }
}

TEST_CASE("memory is the peak number of objects and does not grow in a steady state") {
  struct Message {
    std::uint64_t words[8];
  };
  Slab<Message> slab;
  REQUIRE(slab.memory_bytes() < 100);
  std::vector<std::uint32_t> indices;
  for (int i = 0; i < 100'000; ++i) indices.push_back(slab.emplace());
  const std::size_t full = slab.memory_bytes();
  REQUIRE(full >= 100'000 * sizeof(Message));
  REQUIRE(full < 102'000 * sizeof(Message));
  for (std::size_t i = 0; i < 300'000; ++i) {
    slab.erase(indices[i % indices.size()]);
    indices[i % indices.size()] = slab.emplace();
  }
  REQUIRE(slab.memory_bytes() == full);
}
