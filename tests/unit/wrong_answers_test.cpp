// An answer of another kind than the question is no answer: a step of the ring ends all the same, and the node is never
// busy for ever.

#include <catch2/catch.hpp>

#include <functional>
#include <vector>

#include "still_ring.hpp"

namespace {

using namespace cicada;
using namespace std::chrono_literals;

/// A ring of 16 in which a test answers for one peer.
class AskingRing final : public test::StillRing {
 public:
  AskingRing() : StillRing(SwarmConfig{}, 16, 1, Timer::request) {}

  static constexpr PeerIndex asker = 5, successor = 6, predecessor = 4;
  /// Answers of the peer `liar` to `asker`, in place of its own.
  PeerIndex liar = successor;
  std::function<std::vector<Message>(const Message& question)> answers;
  std::size_t refused = 0;

  [[nodiscard]] const ChordNode& ring() const { return nodes_[asker].chord(); }
  void stabilize() {
    current_ = asker;
    nodes_[asker].on_timer(environment_, Timer::stabilize);
  }
  void notify(PeerIndex from) { deliver(now() + 10ms, from, asker, Notify{}); }

 private:
  void send(const Peer& to, const Message& message) override {
    if (current_ != asker || to.index != liar) return deliver(now() + 10ms, current_, to.index, message);
    for (const Message& answer : answers(message)) deliver(now() + 20ms, to.index, asker, answer);
  }
  void on_refused(const Peer&, Refusal reason) override { refused += reason == Refusal::wrong_answer; }
};

Nonce token_of(const Message& question) {
  if (const auto* get = std::get_if<GetState>(&question)) return get->token;
  if (const auto* ping = std::get_if<Ping>(&question)) return ping->token;
  return {};
}

/// Answers that do not fit a question for a state, and those that do not fit a ping.
std::vector<std::function<Message(const Nonce& token)>> no_states() {
  return {[](const Nonce& token) { return Pong{token}; },
          [](const Nonce& token) {
            NextHops hops;
            hops.token = token;
            return hops;
          },
          [](const Nonce& token) {
            State state;
            state.token = token;
            state.side = Side::predecessors;
            return state;
          },
          [](const Nonce& token) {
            State state;
            state.token = token;
            state.unchanged = true;
            return state;
          }};
}
std::vector<std::function<Message(const Nonce& token)>> no_pongs() {
  auto wrong = no_states();
  wrong[0] = [](const Nonce& token) { return Busy{token}; };
  return wrong;
}

TEST_CASE("a successor that answers a question for its state with anything else is given up", "[ring]") {
  for (std::size_t kind = 0; kind < no_states().size(); ++kind) {
    INFO("kind " << kind);
    AskingRing world;
    std::size_t asked = 0;
    world.answers = [&](const Message& question) {
      asked += std::holds_alternative<GetState>(question);
      return std::vector<Message>{no_states()[kind](token_of(question))};
    };
    world.stabilize();
    CHECK(world.ring().is_busy());
    world.run(1min);
    CHECK_FALSE(world.ring().is_busy());
    CHECK(asked > 0);
    CHECK(world.refused > 0);
    CHECK(world.ring().successors()[0].index != AskingRing::successor);
  }
}

TEST_CASE("a predecessor that answers a ping with anything else does not keep its successor busy", "[ring]") {
  for (std::size_t kind = 0; kind < no_pongs().size(); ++kind) {
    INFO("kind " << kind);
    AskingRing world;
    world.liar = AskingRing::predecessor;
    std::size_t asked = 0;
    world.answers = [&](const Message& question) {
      asked += std::holds_alternative<Ping>(question);
      return std::vector<Message>{no_pongs()[kind](token_of(question))};
    };
    world.notify(2);
    world.run(15ms);
    CHECK(world.ring().is_busy());
    world.run(1min);
    CHECK_FALSE(world.ring().is_busy());
    CHECK(asked > 0);
  }
}

}  // namespace
