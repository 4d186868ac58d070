#include "chat_room.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <utility>

namespace cicada::node {
namespace {

using nlohmann::json;

constexpr std::size_t nickname_bytes_max = 24;
constexpr std::size_t mark_digits = 4;
constexpr std::size_t mark_bytes_max = 32;
constexpr std::size_t marks_max = 64;  // Remembered of each person.

std::string random_mark() {
  std::random_device entropy;
  return fmt::format("{:08x}{:08x}", entropy(), entropy());
}

std::string text_in(const json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : std::string();
}

/// Without what could move the cursor of the reader's terminal.
std::string printable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

bool is_nickname(std::string_view text) {
  return !text.empty() && text.size() <= nickname_bytes_max && std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_';
  });
}

std::string ChatRoom::encode(std::string_view kind, std::string_view text) const {
  json message = {{"chat", 1}, {"kind", kind}, {"nick", nickname_}};
  if (!text.empty()) message["text"] = text;
  if (kind == "say" || kind == "whisper") message["mark"] = random_mark();
  if (kind == "welcome") {
    json others = json::array();
    for (const auto& [id, person] : people_) {
      if (others.size() == others_max) break;
      if (!person.is_away) others.push_back(id.to_hex());
    }
    message["others"] = std::move(others);
  }
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

ChatRoom::Outcome ChatRoom::receive(const Id& from, std::string_view message) {
  Outcome outcome;
  const json object = json::parse(message, nullptr, false);
  if (!object.is_object() || !object.contains("chat") || from == self_) return outcome;
  const std::string kind = text_in(object, "kind");
  const std::string nick = text_in(object, "nick");
  if (!is_nickname(nick)) return outcome;
  const auto known = people_.find(from);
  if (kind == "bye") {
    if (known == people_.end()) return outcome;
    outcome.lines.push_back(fmt::format("* {} has left", name_of(from)));
    people_.erase(known);
    return outcome;
  }
  if (known == people_.end()) {
    if (!make_room()) return outcome;
    people_[from].nickname = nick;
    outcome.lines.push_back(fmt::format("* {} is here", name_of(from)));
  } else if (known->second.nickname != nick) {
    const std::string before = name_of(from);
    known->second.nickname = nick;
    outcome.lines.push_back(fmt::format("* {} is now called {}", before, name_of(from)));
  }
  Person& person = people_[from];
  if (std::exchange(person.is_away, false)) outcome.lines.push_back(fmt::format("* {} is back", name_of(from)));
  if (const std::string mark = text_in(object, "mark"); !mark.empty() && mark.size() <= mark_bytes_max) {
    if (std::ranges::find(person.marks, mark) != person.marks.end()) return outcome;
    person.marks.push_back(mark);
    if (person.marks.size() > marks_max) person.marks.pop_front();
  }
  const std::string text = printable(text_in(object, "text"));
  if (kind == "say") outcome.lines.push_back(fmt::format("<{}> {}", name_of(from), text));
  if (kind == "whisper") outcome.lines.push_back(fmt::format("<{} to you alone> {}", name_of(from), text));
  if (kind == "hello") outcome.replies.push_back({from, encode("welcome", "")});
  if (kind == "welcome" && object.contains("others")) welcome_others(object["others"], outcome);
  return outcome;
}

void ChatRoom::welcome_others(const json& others, Outcome& outcome) {
  if (!others.is_array()) return;
  for (const json& other : others) {
    if (outcome.replies.size() == others_max) return;
    const auto id = other.is_string() ? Id::from_hex(other.get<std::string>()) : std::nullopt;
    if (id && *id != self_ && !people_.contains(*id)) outcome.replies.push_back({*id, hello()});
  }
}

bool ChatRoom::make_room() {
  if (people_.size() < people_max) return true;
  const auto gone = std::ranges::find_if(people_, [](const auto& entry) { return entry.second.is_away; });
  if (gone == people_.end()) return false;
  people_.erase(gone);
  return true;
}

std::optional<std::string> ChatRoom::lose(const Id& id) {
  const auto found = people_.find(id);
  if (found == people_.end() || std::exchange(found->second.is_away, true)) return std::nullopt;
  return fmt::format("* {} cannot be reached at the moment", name_of(id));
}

std::vector<Id> ChatRoom::away() const {
  std::vector<Id> ids;
  for (const auto& [id, person] : people_)
    if (person.is_away) ids.push_back(id);
  return ids;
}

bool ChatRoom::is_away(const Id& id) const {
  const auto found = people_.find(id);
  return found != people_.end() && found->second.is_away;
}

std::optional<Id> ChatRoom::find(std::string_view name) const {
  for (const auto& [id, person] : people_)
    if (name_of(id) == name) return id;
  return std::nullopt;
}

std::string ChatRoom::name_of(const Id& id) const {
  const auto found = people_.find(id);
  if (found == people_.end()) return id.to_hex().substr(0, 8);
  const std::string& nick = found->second.nickname;
  const auto namesakes =
      std::ranges::count_if(people_, [&](const auto& entry) { return entry.second.nickname == nick; }) +
      (nick == nickname_);
  return namesakes > 1 ? nick + "~" + id.to_hex().substr(0, mark_digits) : nick;
}

std::vector<Id> ChatRoom::people() const {
  std::vector<Id> ids;
  for (const auto& [id, person] : people_) ids.push_back(id);
  return ids;
}

}  // namespace cicada::node
