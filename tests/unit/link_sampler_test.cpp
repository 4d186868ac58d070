// What befalls a message is a pure function of (seed, from, to, sequence), each kind of trouble has the rate asked for,
// and one kind does not disturb the draws of another.

#include <cicada/sim/link_sampler.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

LinkSampler made(const Links& links, std::uint64_t seed = 9) {
  auto sampler = LinkSampler::make(links, seed);
  REQUIRE(sampler.has_value());
  return std::move(*sampler);
}

bool same(const Delivery& a, const Delivery& b) {
  return a.delay == b.delay && a.lost == b.lost && a.duplicate == b.duplicate;
}

/// The share of many messages between many pairs for which `holds(delivery, base)` is true.
template <class Predicate>
double share(const LinkSampler& sampler, Predicate holds) {
  constexpr std::uint32_t pairs = 400;
  constexpr std::uint32_t messages = 500;
  std::size_t hits = 0;
  for (std::uint32_t pair = 0; pair < pairs; ++pair) {
    for (std::uint32_t sequence = 0; sequence < messages; ++sequence) {
      const PeerIndex from = pair;
      const PeerIndex to = pair * 7 + 1;
      hits += holds(sampler.sample(from, to, sequence), sampler.base(from, to)) ? 1U : 0U;
    }
  }
  return static_cast<double>(hits) / (pairs * messages);
}

bool was_lost(const Delivery& delivery, Duration) { return delivery.lost; }

Links all_troubles() {
  Links links;
  links.jitter_ratio = 0.2;
  links.loss_ratio = 0.1;
  links.duplicate_ratio = 0.1;
  links.reorder = {0.1, 70ms};
  links.cut_pairs_ratio = 0.05;
  return links;
}

TEST_CASE("without troubles a message takes the latency of its pair", "[link_sampler]") {
  const LinkSampler sampler = made(Links{});
  for (PeerIndex to = 1; to < 100; ++to) {
    const Delivery delivery = sampler.sample(0, to, to);
    REQUIRE(delivery.delay == sampler.base(0, to));
    REQUIRE_FALSE(delivery.lost);
    REQUIRE_FALSE(delivery.duplicate.has_value());
    REQUIRE_FALSE(sampler.is_cut(0, to));
    REQUIRE(sampler.base_rtt(0, to) == sampler.base(0, to) + sampler.base(to, 0));
  }
}

TEST_CASE("samples depend on nothing but seed, pair and sequence", "[link_sampler]") {
  const LinkSampler sampler = made(all_troubles());
  const LinkSampler again = made(all_troubles());
  const LinkSampler other_seed = made(all_troubles(), 10);
  std::size_t by_seed = 0;
  std::size_t by_direction = 0;
  for (std::uint32_t sequence = 1000; sequence-- > 0;) {
    const Delivery delivery = sampler.sample(3, 8, sequence);
    REQUIRE(same(delivery, again.sample(3, 8, sequence)));
    by_seed += same(delivery, other_seed.sample(3, 8, sequence)) ? 0U : 1U;
    by_direction += same(delivery, sampler.sample(8, 3, sequence)) ? 0U : 1U;
  }
  REQUIRE_FALSE(sampler.is_cut(3, 8));
  REQUIRE(by_seed > 900);
  REQUIRE(by_direction > 900);
}

TEST_CASE("loss, duplication and reordering have their rates", "[link_sampler]") {
  Links links;
  links.model = ConstantLinks{50ms};
  links.loss_ratio = 0.03;
  REQUIRE(share(made(links), was_lost) == Approx(0.03).margin(0.002));
  links.loss_ratio = 1;
  REQUIRE(share(made(links), was_lost) == 1);

  links.loss_ratio = 0;
  links.duplicate_ratio = 0.2;
  REQUIRE(share(made(links), [](const Delivery& d, Duration) { return d.duplicate.has_value(); }) ==
          Approx(0.2).margin(0.005));
  REQUIRE(share(made(links), [](const Delivery& d, Duration base) {
            return d.duplicate && (*d.duplicate <= d.delay || *d.duplicate > d.delay + base);
          }) == 0);

  links.duplicate_ratio = 0;
  links.reorder = {0.25, 70ms};
  const LinkSampler reordering = made(links);
  REQUIRE(share(reordering, [](const Delivery& d, Duration base) { return d.delay == base + 70ms; }) ==
          Approx(0.25).margin(0.005));
  REQUIRE(share(reordering, [](const Delivery& d, Duration base) { return d.delay == base; }) ==
          Approx(0.75).margin(0.005));
}

TEST_CASE("jitter stays in its band and fills it evenly", "[link_sampler]") {
  Links links;
  links.model = ConstantLinks{100ms};
  links.jitter_ratio = 0.4;
  const LinkSampler sampler = made(links);
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay >= 60ms && d.delay <= 140ms; }) == 1);
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay < 70ms; }) == Approx(0.125).margin(0.005));
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay < 100ms; }) == Approx(0.5).margin(0.005));
}

TEST_CASE("uniform per message draws each message anew", "[link_sampler]") {
  Links links;
  links.model = UniformLinks{20ms, 80ms, UniformLinks::Per::message};
  const LinkSampler sampler = made(links);
  REQUIRE(sampler.base(1, 2) == 50ms);
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay >= 20ms && d.delay < 80ms; }) == 1);
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay < 35ms; }) == Approx(0.25).margin(0.005));
}

TEST_CASE("exponential draws each message anew, with its mean and no upper end", "[link_sampler]") {
  Links links;
  links.model = ExponentialLinks{50ms};
  const LinkSampler sampler = made(links);
  REQUIRE(sampler.base(1, 2) == 50ms);
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay < 50ms; }) == Approx(0.6321).margin(0.005));
  REQUIRE(share(sampler, [](const Delivery& d, Duration) { return d.delay >= 200ms; }) == Approx(0.0183).margin(0.002));
}

TEST_CASE("cut pairs are cut for good, in both directions, at their rate", "[link_sampler]") {
  Links links;
  links.cut_pairs_ratio = 0.05;
  const LinkSampler sampler = made(links);
  std::size_t cut = 0;
  for (PeerIndex a = 0; a < 300; ++a) {
    for (PeerIndex b = a + 1; b < 300; ++b) {
      REQUIRE(sampler.is_cut(a, b) == sampler.is_cut(b, a));
      REQUIRE(sampler.sample(a, b, a).lost == sampler.is_cut(a, b));
      REQUIRE(sampler.sample(b, a, b + 77).lost == sampler.is_cut(a, b));
      cut += sampler.is_cut(a, b) ? 1U : 0U;
    }
  }
  REQUIRE(static_cast<double>(cut) / (300 * 299 / 2) == Approx(0.05).margin(0.004));
}

TEST_CASE("one kind of trouble leaves the draws of the others alone", "[link_sampler]") {
  Links only_loss;
  only_loss.loss_ratio = 0.1;
  Links loss_and_more = all_troubles();
  loss_and_more.cut_pairs_ratio = 0;
  const LinkSampler a = made(only_loss);
  const LinkSampler b = made(loss_and_more);
  for (std::uint32_t sequence = 0; sequence < 2000; ++sequence) {
    REQUIRE(a.sample(1, 2, sequence).lost == b.sample(1, 2, sequence).lost);
  }
}

TEST_CASE("opening a link costs whole round trips", "[link_sampler]") {
  Links links;
  links.model = ConstantLinks{30ms};
  REQUIRE(made(links).setup_delay(1, 2) == 0ms);
  links.setup_rtts = 2;
  REQUIRE(made(links).setup_delay(1, 2) == 120ms);
}

}  // namespace
