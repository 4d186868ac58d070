#include "node_log.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <string>

#include "terminal.hpp"

namespace cicada::node {

void NodeLog::write(LogLevel level, std::string_view event, const nlohmann::json& details) const {
  if (level > level_) return;
  constexpr std::array<std::string_view, 4> names = {"error", "warning", "info", "debug"};
  const std::string_view name = names[static_cast<std::size_t>(level)];
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::string time =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                  now.time_since_epoch().count() % 1000);
  std::string line;
  if (json_) {
    nlohmann::json object = {{"time", time}, {"level", name}, {"event", event}};
    object.update(details);
    // Strings from others reach a terminal escaped, like those of a text log.
    const bool escapes = tool::terminal_of(stream_).is_terminal;
    line = object.dump(-1, ' ', escapes, nlohmann::json::error_handler_t::replace);
  } else {
    line = fmt::format("{} {} {}", time, name, event);
    for (const auto& [key, value] : details.items()) {
      // Strings from others are quoted with their control characters escaped.
      line += fmt::format(" {}={}", key, value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    }
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stream_);
  std::fflush(stream_);
}

}  // namespace cicada::node
