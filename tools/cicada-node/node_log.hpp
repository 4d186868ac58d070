#pragma once
/// The log of a node: lines of text or JSON, on stderr unless told otherwise. Never a secret, never a payload. For one
/// thread.

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "config.hpp"

namespace cicada::node {

class NodeLog {
 public:
  NodeLog(LogLevel level, bool json, std::FILE* stream = stderr) : level_(level), json_(json), stream_(stream) {}

  void set_level(LogLevel level) { level_ = level; }

  /// `event` is a short fixed text to search for; `details` an object of what belongs to it.
  void write(LogLevel level, std::string_view event, const nlohmann::json& details = nlohmann::json::object()) const;

  void error(std::string_view event, const nlohmann::json& details = nlohmann::json::object()) const {
    write(LogLevel::error, event, details);
  }
  void warning(std::string_view event, const nlohmann::json& details = nlohmann::json::object()) const {
    write(LogLevel::warning, event, details);
  }
  void info(std::string_view event, const nlohmann::json& details = nlohmann::json::object()) const {
    write(LogLevel::info, event, details);
  }
  void debug(std::string_view event, const nlohmann::json& details = nlohmann::json::object()) const {
    write(LogLevel::debug, event, details);
  }

 private:
  LogLevel level_;
  bool json_;
  std::FILE* stream_;
};

}  // namespace cicada::node
