// The id policies: how ids come about, who is let in, and who is not.

#include <catch2/catch.hpp>

#include <cicada/identity.hpp>

#include "real/loopback.hpp"
#include "real/stranger.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

const KeySeed authority = {1, 2, 3};

SwarmPeerOptions certified(const Id& id, std::uint64_t not_after = 0, const KeySeed& signer = authority) {
  SwarmPeerOptions options = quick();
  options.id_policy = IdPolicy::certified;
  options.key = random_seed();
  options.authority = public_key_of(authority);
  options.membership = sign_membership(signer, options.swarm, public_key_of(*options.key), id, not_after);
  return options;
}

}  // namespace

TEST_CASE("with policy key the id is the key's hash, and a peer is found by address, by id and as a peer") {
  const auto peers = ring(3, [] {
    SwarmPeerOptions options = quick();
    options.id_policy = IdPolicy::key;
    return options;
  });
  for (const auto& from : peers)
    for (const auto& to : peers) {
      CHECK(to->id() == id_of_key(to->public_key()));
      from->send({"127.0.0.1", to->listener().port}, "by address");
      from->send(to->id(), "by id");
      CHECK(text(to->recv()) == "by address");
      CHECK(text(to->recv()) == "by id");
    }
}

TEST_CASE("with policy certified the authority chooses the ids, and nobody else gets in") {
  std::uint64_t next = 1;
  const auto peers = ring(4, [&] { return certified(Id::from_prefix(next++ << 60)); });
  for (const auto& from : peers)
    for (const auto& to : peers) {
      from->send(*to, "among members");
      CHECK(text(to->recv()) == "among members");
    }
  CHECK(peers[2]->id() == Id::from_prefix(std::uint64_t{3} << 60));

  const std::uint16_t port = peers[0]->listener().port;
  const auto refusal_of = [&](std::optional<Membership> membership) {
    Stranger stranger(port);
    REQUIRE(stranger.handshake());
    Hello hello = stranger.hello(IdPolicy::certified);
    hello.membership = membership;
    stranger.say(hello);
    return stranger.hear_goodbye();
  };
  CHECK(refusal_of(std::nullopt) == Goodbye::not_certified);
  CHECK(refusal_of(Membership{}) == Goodbye::not_certified);
  CHECK(refusal_of(*certified(Id{}).membership) == Goodbye::not_certified);  // For another key.
}

TEST_CASE("a membership that is over, or for another swarm, is none") {
  const KeySeed member = random_seed();
  const PublicKey key = public_key_of(member);
  const PublicKey signer = public_key_of(authority);
  const Membership membership = sign_membership(authority, "ours", key, Id{}, 1000);
  CHECK(is_valid(membership, signer, "ours", key, 1000));
  CHECK_FALSE(is_valid(membership, signer, "ours", key, 1001));
  CHECK_FALSE(is_valid(membership, signer, "theirs", key, 1000));
  CHECK_FALSE(is_valid(membership, public_key_of(member), "ours", key, 1000));
  Membership other = membership;
  other.id = Id::power_of_two(1);
  CHECK_FALSE(is_valid(other, signer, "ours", key, 1000));

  const auto inside = bound(certified(Id::power_of_two(200)));
  const auto outside = bound(certified(Id::power_of_two(201), 1000));
  std::error_code error;
  outside->connect("127.0.0.1", inside->listener().port, 5s, error);
  CHECK(error == SwarmError::not_certified);
}

TEST_CASE("options that make no sense are refused with a reason") {
  SwarmPeerOptions options = quick();
  options.id_policy = IdPolicy::certified;
  CHECK_THROWS_WITH(SwarmPeer(options), Catch::Contains("needs an authority"));
  SwarmPeerOptions for_another = certified(Id{});
  for_another.key = random_seed();
  CHECK_THROWS_WITH(SwarmPeer(for_another), Catch::Contains("not for this key"));
  SwarmPeerOptions long_name = quick();
  long_name.swarm = std::string(65, 'x');
  CHECK_THROWS_WITH(SwarmPeer(long_name), Catch::Contains("64 bytes"));
}

TEST_CASE("a peer that cannot prove its address is told so") {
  const auto inside = bound(quick());
  const auto outside = std::make_unique<SwarmPeer>(quick());
  outside->bind("127.0.0.1", 0, HostPort{"127.0.0.1", 1});
  std::error_code error;
  outside->connect("127.0.0.1", inside->listener().port, 5s, error);
  CHECK(error == SwarmError::wrong_identity);
}

TEST_CASE("a peer that cannot be reached from outside lives on the links that it opens") {
  const auto inside = bound(quick());
  const auto hidden = std::make_unique<SwarmPeer>(quick());
  hidden->bind("127.0.0.1", 0, HostPort{"", 0});
  CHECK(hidden->id() == id_of_key(hidden->public_key()));
  hidden->connect("127.0.0.1", inside->listener().port);
  hidden->send(*inside, "from behind");
  CHECK(text(inside->recv()) == "from behind");
  inside->send(*hidden, "to behind");
  CHECK(text(hidden->recv()) == "to behind");
  CHECK(hidden->observed_endpoint());
}

TEST_CASE("peers of different swarms turn each other away") {
  const auto ours = bound(quick());
  SwarmPeerOptions options = quick();
  options.swarm = "theirs";
  const auto theirs = bound(std::move(options));
  std::error_code error;
  theirs->connect("127.0.0.1", ours->listener().port, 5s, error);
  CHECK(error == SwarmError::wrong_swarm);
}

TEST_CASE("links run over IPv6 too") {
  const auto first = std::make_unique<SwarmPeer>(quick());
  std::error_code error;
  first->bind("::1", 0, std::nullopt, error);
  if (error) {
    WARN("no IPv6 on this machine: " << error.message());
    return;
  }
  const auto second = std::make_unique<SwarmPeer>(quick());
  second->bind("::1", 0);
  second->connect("::1", first->listener().port);
  second->send({"::1", first->listener().port}, "six");
  CHECK(text(first->recv()) == "six");
}
