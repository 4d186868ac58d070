// Not a test of its own but a table: what broadcasts cost and reach, by size and share of peers that drop them. Run it
// with `cicada_sim_tests "[broadcast-study]"`; BROADCAST_STUDY=large adds the rings of 10,000.

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>

#include "broadcast_world.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim::test;

void row(const char* what, std::size_t peers, double share, Role role, double loss, std::uint64_t seed) {
  BroadcastWorld world({.peers = peers, .seed = seed, .loss = loss});
  world.corrupt(share, role);
  const unsigned broadcasts = peers > 5000 ? 10 : 50;
  const Outcome o = measure(world, broadcasts);
  std::printf(
      "%-12s n=%-6zu f=%.2f loss=%.3f  coverage %.6f  payloads/N %.3f  digest B/peer %6.1f (%.1f %%)  median %.2f s "
      "99.99 %% %.2f s  last %.2f s  copies %zu\n",
      what, peers, share, loss, o.coverage, o.payloads_per_peer, o.digest_bytes, 100 * o.digest_ratio, o.median_s,
      o.p9999_s, o.last_s, o.copies_max);
  std::fflush(stdout);
}

TEST_CASE("table of broadcasts", "[.][broadcast-study]") {
  const char* study = std::getenv("BROADCAST_STUDY");
  const bool large = study != nullptr && std::string(study) == "large";
  for (const std::size_t peers : {std::size_t{1000}, std::size_t{10'000}}) {
    if (peers > 5000 && !large) break;
    for (const double share : {0.0, 0.1, 0.3, 0.5}) row("drops", peers, share, Role::drops, 0, 3);
    row("loss", peers, 0, Role::drops, 0.01, 3);
    row("drops", peers, 0.3, Role::drops, 0.01, 4);
    for (const double share : {0.1, 0.3, 0.5}) row("lies", peers, share, Role::lies, 0, 5);
    for (const double share : {0.1, 0.3}) row("overreaches", peers, share, Role::overreaches, 0, 6);
    for (const double share : {0.1, 0.3}) row("underreaches", peers, share, Role::underreaches, 0, 7);
    row("tampers", peers, 0.3, Role::tampers, 0, 8);
  }
}

}  // namespace
