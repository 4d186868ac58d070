// An answer is taken from those only who got the question: what a peer could guess from earlier questions is refused.

#include <catch2/catch.hpp>

#include <vector>

#include "still_ring.hpp"

namespace {

using namespace cicada;
using namespace std::chrono_literals;

/// A ring of 64, one member of which answers whatever another one may be asking its neighbours.
class RingWithOutsider final : public test::StillRing {
 public:
  RingWithOutsider() : StillRing(SwarmConfig{}, 64, 1, Timer::request) {}

  static constexpr PeerIndex asker = 5, outsider = 40;
  std::vector<LookupDone> done;
  std::vector<Nonce> seen;  ///< Tokens of questions that the outsider got from the asker.
  std::size_t refused = 0;

  void lookup(const Id& key) {
    begin_step(asker);
    nodes_[asker].chord().lookup(environment_, key, 0);
  }
  void stabilize() {
    begin_step(asker);
    nodes_[asker].on_timer(environment_, Timer::stabilize);
  }
  /// The asker asks the outsider whether it is a member.
  void meet() {
    begin_step(asker);
    nodes_[asker].chord().introduce(environment_, peer(outsider));
  }
  [[nodiscard]] const ChordNode& ring() const { return nodes_[asker].chord(); }

  /// One answer of each kind for each token that the outsider can think of.
  void guess() {
    std::vector<Nonce> guesses;
    for (std::uint64_t number = 0; number < 64; ++number) guesses.push_back({0, number});
    for (const Nonce& token : seen)
      for (std::uint64_t step = 1; step < 16; ++step)
        for (const Nonce& next : {Nonce{token.high, token.low + step}, Nonce{token.high + step, token.low}})
          guesses.push_back(next);
    for (const Nonce& token : guesses) answer(token);
  }

 private:
  void answer(const Nonce& token) {
    const Peer self = peer(outsider);
    State state;
    state.token = token;
    state.list = {self};
    Found found;
    found.lookup = token;
    found.predecessor = self;
    found.owners = {self};
    for (const Message& message :
         {Message(state), Message(found), Message(Pong{token}), Message(Busy{token}), Message(HopAck{token}),
          Message(NextHops{.token = token, .final = true, .peers = {self}})})
      deliver(now() + 1ms, outsider, asker, message);
  }
  void send(const Peer& to, const Message& message) override {
    if (current_ == asker && to.index == outsider)
      if (const auto* ping = std::get_if<Ping>(&message)) seen.push_back(ping->token);
    deliver(now() + 10ms, current_, to.index, message);
  }
  void on_lookup_done(const LookupDone& ended) override { done.push_back(ended); }
  void on_refused(const Peer& from, Refusal reason) override {
    refused += from.index == outsider && reason == Refusal::not_asked_for;
  }
};

TEST_CASE("a peer that was not asked answers no question", "[ring]") {
  RingWithOutsider world;
  world.meet();
  Rng rng(1, Purpose::test);
  std::size_t owned = 0;
  for (int round = 0; round < 29; ++round) {
    const Id key{{rng.next(), rng.next(), rng.next(), rng.next()}};
    world.lookup(key);
    world.stabilize();
    world.guess();
    world.run(2s);
    REQUIRE(world.done.size() == static_cast<std::size_t>(round) + 1);
    REQUIRE(world.done.back().status == LookupStatus::found);
    owned += world.done.back().owner.index == RingWithOutsider::outsider;
  }
  CHECK(owned <= 2);  // It owns one key in 64.
  CHECK_FALSE(world.seen.empty());
  CHECK(world.refused > 29 * 64);
  CHECK(world.ring().successors()[0].index == RingWithOutsider::asker + 1);
  CHECK_FALSE(world.ring().is_busy());
}

}  // namespace
