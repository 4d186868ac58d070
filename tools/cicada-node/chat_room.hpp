#pragma once
/// Who is in a chat, and the messages between them: JSON objects {"chat": 1, "kind": …, "nick": …, "text": …}.
///
///     hello     here I am; answered with welcome
///     welcome   so am I; "others" holds the ids of people that the newcomer should greet too
///     say       to everybody
///     whisper   to one
///     bye       I am leaving
///
/// What a person says carries a random "mark", and is shown once: who gets no acknowledgement sends it again. What is
/// said to all is sent to each, so that it shows whom it did not reach. Whoever greets becomes known to all
/// that way: ids are passed on with every welcome. Not thread-safe.

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cicada/id.hpp>

namespace cicada::node {

/// 1 to 24 letters, digits, '-', '_' or bytes of UTF-8; no blanks, so that it can stand behind /msg.
[[nodiscard]] bool is_nickname(std::string_view text);

class ChatRoom {
 public:
  static constexpr std::size_t people_max = 1024;
  static constexpr std::size_t others_max = 64;  ///< Ids passed on in a welcome.

  struct Outgoing {
    Id to;
    std::string message;
  };
  /// What an arriving message leads to.
  struct Outcome {
    std::vector<std::string> lines;  ///< To be shown.
    std::vector<Outgoing> replies;
  };

  ChatRoom(Id self, std::string nickname) : self_(self), nickname_(std::move(nickname)) {}

  /// Strangers may send anything: what is no message of a chat has no outcome.
  Outcome receive(const Id& from, std::string_view message);

  [[nodiscard]] std::string hello() const { return encode("hello", ""); }
  [[nodiscard]] std::string encode(std::string_view kind, std::string_view text) const;

  void rename(std::string nickname) { nickname_ = std::move(nickname); }
  /// Somebody whom nothing reaches at the moment stays in the room, away, until something is heard of them. What to
  /// show when that is new.
  std::optional<std::string> lose(const Id& id);
  /// This person has another id now.
  void become(const Id& self) { self_ = self; }
  /// By nickname, or by "nickname~abcd" where several have the same.
  [[nodiscard]] std::optional<Id> find(std::string_view name) const;
  /// With a piece of the id behind it where several have the same nickname.
  [[nodiscard]] std::string name_of(const Id& id) const;
  [[nodiscard]] std::vector<Id> people() const;
  [[nodiscard]] std::vector<Id> away() const;
  [[nodiscard]] bool is_away(const Id& id) const;
  [[nodiscard]] bool knows(const Id& id) const { return people_.contains(id); }
  [[nodiscard]] const std::string& nickname() const { return nickname_; }

 private:
  struct Person {
    std::string nickname;
    bool is_away = false;
    std::deque<std::string> marks;  ///< Of what was said last.
  };

  /// A place for a newcomer, if need be that of somebody who is away.
  bool make_room();
  void welcome_others(const nlohmann::json& others, Outcome& outcome);

  Id self_;
  std::string nickname_;
  std::map<Id, Person> people_;
};

}  // namespace cicada::node
