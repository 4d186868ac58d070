#include "config.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace cicada::node {
namespace {

/// An absolute path. A relative or empty one counts as not set, as the XDG Base Directory Specification says.
std::filesystem::path folder_of_environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT: read before there are threads.
  const std::string text = value != nullptr ? value : "";
  // systemd may list several in $STATE_DIRECTORY.
  const std::filesystem::path path =
      name == std::string_view("STATE_DIRECTORY") ? text.substr(0, text.find(':')) : text;
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

std::filesystem::path default_state_folder() {
  if (auto given = folder_of_environment("STATE_DIRECTORY"); !given.empty()) return given;
  if (const auto home = folder_of_environment("XDG_STATE_HOME"); !home.empty()) return home / "cicada-node";
  if (const auto home = folder_of_environment("HOME"); !home.empty()) return home / ".local" / "state" / "cicada-node";
  throw std::runtime_error(
      "no place for the state: neither XDG_STATE_HOME nor HOME is an absolute path; choose a folder "
      "with --state");
}

std::filesystem::path state_folder(const NodeConfig& config) {
  return config.state.empty() ? default_state_folder() : config.state;
}

std::filesystem::path control_path(const NodeConfig& config) {
  return config.control.empty() ? state_folder(config) / "control.socket" : config.control;
}

std::filesystem::path key_path(const NodeConfig& config) {
  return config.key.empty() ? state_folder(config) / "key" : config.key;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size() || port == 0 || port > 65'535) {
    return std::nullopt;
  }
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  if (!in_brackets && host.find_first_of(":[] ") != std::string_view::npos) return std::nullopt;
  return HostPort{std::string(host), static_cast<std::uint16_t>(port)};
}

std::string to_string(const HostPort& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

void take_reloadable(NodeConfig& running, const NodeConfig& fresh) {
  running.bootstrap = fresh.bootstrap;
  running.connect_timeout = fresh.connect_timeout;
  running.retry_min = fresh.retry_min;
  running.retry_max = fresh.retry_max;
  running.save_every = fresh.save_every;
  running.limits = fresh.limits;
  running.trusted = fresh.trusted;
  running.require_sealed = fresh.require_sealed;
  running.duplicates = fresh.duplicates;
  running.strategy = fresh.strategy;
  running.log = fresh.log;
}

}  // namespace cicada::node
