#include "script.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>

#include <cicada/send_options.hpp>
#include <cicada/sim/nearest.hpp>
#include <cicada/sim/units.hpp>

namespace cicada::node {
namespace {

using Command = decltype(ScriptLine::command);
using Parsed = std::expected<Command, std::string>;

constexpr unsigned receive_max = 1'000'000;
constexpr double wait_s_max = 1e9;
constexpr std::string_view blanks = " \t\r";

/// Takes the first word off `rest`, and the blanks behind it.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  return word;
}

std::optional<unsigned> whole_number(std::string_view text, unsigned low, unsigned high) {
  const auto value = sim::parse_integer(text);
  if (!value || *value < low || *value > high) return std::nullopt;
  return static_cast<unsigned>(*value);
}

Parsed parse_send(std::string_view rest) {
  const std::string_view host = take_word(rest);
  const std::string_view port_text = take_word(rest);
  if (host.empty() || port_text.empty()) return std::unexpected("expected SEND host port data");
  const auto port = whole_number(port_text, 1, 65'535);
  if (!port) return std::unexpected(fmt::format("found '{}', expected a port from 1 to 65535", port_text));
  return SendCommand{{std::string(host), static_cast<std::uint16_t>(*port)}, std::string(rest)};
}

Parsed parse_receive(std::string_view rest) {
  if (rest.empty()) return ReceiveCommand{};
  const auto count = whole_number(rest, 1, receive_max);
  if (!count) return std::unexpected(fmt::format("found '{}', expected a count from 1 to {}", rest, receive_max));
  return ReceiveCommand{*count};
}

Parsed parse_option(std::string_view rest) {
  if (rest.empty()) return std::unexpected("expected OPT key=value");
  OptionCommand options;
  while (!rest.empty()) {
    const std::string_view word = take_word(rest);
    const auto split = word.find('=');
    const std::string_view key = word.substr(0, split);
    constexpr std::array<std::string_view, 1> known = {"duplicates"};
    if (split == std::string_view::npos) return std::unexpected(fmt::format("found '{}', expected key=value", word));
    if (key != "duplicates") {
      return std::unexpected(fmt::format("unknown option '{}'; {}", key, sim::expected_one_of(key, known)));
    }
    const auto value = whole_number(word.substr(split + 1), 0, duplicates_max);
    if (!value) {
      return std::unexpected(fmt::format("duplicates: found '{}', expected a number from 0 to {}",
                                         word.substr(split + 1), duplicates_max));
    }
    options.duplicates = *value;
  }
  return options;
}

Parsed parse_wait(std::string_view rest) {
  if (rest == "-1") return WaitCommand{};
  const auto seconds = sim::parse_number(rest);
  if (!seconds || *seconds < 0 || *seconds > wait_s_max) {
    return std::unexpected(fmt::format("found '{}', expected a number of seconds, or -1 for ever", rest));
  }
  return WaitCommand{std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds))};
}

Parsed parse_command(std::string_view rest) {
  const std::string_view word = take_word(rest);
  if (word == "SEND") return parse_send(rest);
  if (word == "RECV") return parse_receive(rest);
  if (word == "OPT") return parse_option(rest);
  if (word == "WAIT") return parse_wait(rest);
  if (word == "BCAST") {
    if (rest.empty()) return std::unexpected("expected BCAST data");
    return BroadcastCommand{std::string(rest)};
  }
  constexpr std::array<std::string_view, 5> known = {"SEND", "RECV", "BCAST", "OPT", "WAIT"};
  return std::unexpected(fmt::format("unknown command '{}'; {}", word, sim::expected_one_of(word, known)));
}

}  // namespace

std::expected<std::vector<ScriptLine>, std::vector<std::string>> parse_script(std::string_view text,
                                                                              std::string_view file) {
  std::vector<ScriptLine> lines;
  std::vector<std::string> complaints;
  unsigned number = 0;
  while (!text.empty()) {
    ++number;
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    line = line.substr(0, line.find_last_not_of(blanks) + 1);
    if (line.empty() || line.front() == '#') continue;
    auto command = parse_command(line);
    if (command) {
      lines.push_back({number, *std::move(command)});
    } else {
      complaints.push_back(fmt::format("{}:{}: {}", file, number, command.error()));
    }
  }
  if (!complaints.empty()) return std::unexpected(std::move(complaints));
  return lines;
}

}  // namespace cicada::node
