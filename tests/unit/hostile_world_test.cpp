// Whatever hostile peers send, honest nodes keep their bounds and their counts, and end what they begin. The fuzz
// target `protocol` looks further; these worlds are drawn from seeds.

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

#include <cicada/rng.hpp>

#include "hostile_world.hpp"

namespace {

using namespace cicada;

TEST_CASE("random acts of hostile peers do no harm", "[swarm]") {
  std::uint64_t injected = 0;
  RefusalCounts refused{};
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed, Purpose::test);
    std::vector<std::uint8_t> bytes(6000);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.next());
    test::HostileWorld world((test::Choices(bytes)));
    world.run();
    injected += world.injected();
    for (std::size_t i = 0; i < refused.size(); ++i) refused[i] += world.refused(static_cast<Refusal>(i));
  }
  CHECK(injected > 10'000);
  for (std::size_t i = 0; i < refused.size(); ++i) {
    const auto reason = static_cast<Refusal>(i);
    INFO(to_string(reason));
    if (reason != Refusal::forgotten) CHECK(refused[i] > 0);  // That takes a flood, as in swarm_strangers_test.cpp.
  }
}

}  // namespace
