// People of a chat get to know each other through whomever they meet first, and strangers' messages do no harm.

#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "chat_room.hpp"

using cicada::Id;
using cicada::node::ChatRoom;
using cicada::node::is_nickname;

TEST_CASE("chat: whoever greets one person meets all", "[chat]") {
  std::map<Id, ChatRoom> rooms;
  constexpr std::uint64_t people = 12;
  for (std::uint64_t i = 1; i <= people; ++i) {
    const Id id = Id::from_prefix(i << 40);
    rooms.emplace(id, ChatRoom(id, "p" + std::to_string(i)));
    std::deque<std::tuple<Id, Id, std::string>> mail;
    if (i > 1) mail.emplace_back(id, Id::from_prefix((i - 1) << 40), rooms.at(id).hello());
    for (int steps = 0; !mail.empty() && steps < 10'000; ++steps) {
      const auto [from, to, text] = mail.front();
      mail.pop_front();
      for (const auto& reply : rooms.at(to).receive(from, text).replies) mail.emplace_back(to, reply.to, reply.message);
    }
    CHECK(mail.empty());
  }
  for (const auto& [id, room] : rooms) CHECK(room.people().size() == people - 1);
}

TEST_CASE("chat: namesakes are told apart", "[chat]") {
  ChatRoom room(Id::from_prefix(1), "me");
  const Id a = Id::from_prefix(0x1111'0000'0000'0000);
  const Id b = Id::from_prefix(0x2222'0000'0000'0000);
  room.receive(a, R"({"chat": 1, "kind": "hello", "nick": "x"})");
  CHECK(room.find("x") == a);
  room.receive(b, R"({"chat": 1, "kind": "hello", "nick": "x"})");
  CHECK_FALSE(room.find("x"));
  CHECK(room.find("x~1111") == a);
  CHECK(room.find("x~2222") == b);
}

TEST_CASE("chat: nonsense has no outcome, and nobody moves the reader's cursor", "[chat]") {
  ChatRoom room(Id::from_prefix(1), "me");
  const Id other = Id::from_prefix(2);
  for (const char* text : {"", "hello", "[]", "{}", R"({"chat": 1})", R"({"chat": 1, "kind": 5, "nick": "a b"})",
                           R"({"chat": 1, "kind": "say", "nick": "", "text": "x"})", "\xff"}) {
    const auto outcome = room.receive(other, text);
    CHECK(outcome.lines.empty());
    CHECK(outcome.replies.empty());
  }
  const auto outcome = room.receive(other, R"({"chat": 1, "kind": "say", "nick": "a", "text": "x\u001b[2Jy\n"})");
  REQUIRE(outcome.lines.size() == 2);
  CHECK(outcome.lines[1] == "<a> x [2Jy ");
  CHECK_FALSE(is_nickname("a b"));
  CHECK_FALSE(is_nickname(std::string(25, 'a')));
  CHECK(is_nickname("J\xc3\xbcrgen-2"));
}

TEST_CASE("chat: somebody who cannot be reached stays, and comes back", "[chat]") {
  ChatRoom room(Id::from_prefix(1), "me");
  ChatRoom other(Id::from_prefix(2), "x");
  const Id id = Id::from_prefix(2);
  room.receive(id, other.hello());
  CHECK(room.lose(id) == "* x cannot be reached at the moment");
  CHECK_FALSE(room.lose(id));
  CHECK(room.away() == std::vector<Id>{id});
  CHECK(room.people() == std::vector<Id>{id});
  CHECK(room.receive(id, other.hello()).lines == std::vector<std::string>{"* x is back"});
  CHECK(room.away().empty());
}

TEST_CASE("chat: what is sent again is shown once", "[chat]") {
  ChatRoom room(Id::from_prefix(1), "me");
  const ChatRoom other(Id::from_prefix(2), "x");
  const Id id = Id::from_prefix(2);
  room.receive(id, other.hello());
  const std::string message = other.encode("say", "once");
  CHECK(room.receive(id, message).lines.size() == 1);
  CHECK(room.receive(id, message).lines.empty());
  CHECK(room.receive(id, other.encode("say", "once")).lines.size() == 1);
}
