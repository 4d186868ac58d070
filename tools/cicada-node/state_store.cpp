#include "state_store.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>

#include <cicada/identity.hpp>

#include "durable_file.hpp"

namespace cicada::node {
namespace {

constexpr std::string_view state_magic = "cicada-state 1 ";

std::string checksum(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());  // NOLINT: text as bytes.
  return sha256(std::span(bytes, text.size())).to_hex();
}

/// "cicada-state N " with an N that is not ours. A damaged first line is no such thing.
bool is_of_another_version(std::string_view text) {
  constexpr std::string_view family = "cicada-state ";
  if (!text.starts_with(family)) return false;
  text.remove_prefix(family.size());
  unsigned version = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), version);
  const auto rest = text.substr(static_cast<std::size_t>(end.ptr - text.data()));
  return end.ec == std::errc() && version > 1 && rest.starts_with(' ');
}

}  // namespace

std::string encode_state(const NodeState& state) {
  const std::string body = nlohmann::json{{"incarnation", state.incarnation}, {"peers", state.peers}}.dump(2) + "\n";
  return fmt::format("{}{}\n{}", state_magic, checksum(body), body);
}

NodeState decode_state(std::string_view text) {
  const auto end = text.find('\n');
  if (is_of_another_version(text)) throw NewerState("it is of a version that this program does not know");
  if (!text.starts_with(state_magic)) throw std::runtime_error("it does not begin with 'cicada-state 1'");
  if (end == std::string_view::npos) throw std::runtime_error("it ends in its first line");
  const std::string_view body = text.substr(end + 1);
  if (text.substr(state_magic.size(), end - state_magic.size()) != checksum(body)) {
    throw std::runtime_error("its checksum does not fit its contents");
  }
  try {
    const auto json = nlohmann::json::parse(body);
    NodeState state;
    state.incarnation = json.at("incarnation").get<std::uint32_t>();
    state.peers = json.at("peers").get<std::vector<std::string>>();
    if (state.peers.size() > NodeState::peers_max) state.peers.resize(NodeState::peers_max);
    return state;
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(error.what());
  }
}

StateStore::StateStore(std::filesystem::path folder) : folder_(std::move(folder)) {
  tool::make_private_folder(folder_);
  const auto path = folder_ / "lock";
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) throw std::system_error(errno, std::generic_category(), path.string() + ": cannot open");
  // The kernel drops the lock with the process, however that ends.
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  close(lock_);
  throw std::runtime_error(fmt::format("{}: another cicada-node runs with this state folder", folder_.string()));
}

StateStore::~StateStore() { close(lock_); }

NodeState StateStore::load(std::vector<std::string>& complaints) const {
  for (const char* name : {"state", "state.older"}) {
    const auto path = folder_ / name;
    const auto text = tool::read_if_exists(path);
    if (!text) continue;
    try {
      return decode_state(*text);
    } catch (const NewerState& error) {
      throw NewerState(
          fmt::format("{}: {}; it is kept, choose another folder with --state", path.string(), error.what()));
    } catch (const std::runtime_error& error) {
      complaints.push_back(fmt::format("{}: {}; looking for an older one", path.string(), error.what()));
    }
  }
  return {};
}

void StateStore::save(const NodeState& state) const {
  const auto path = folder_ / "state";
  // A damaged file must not take the place of a good older one, and is kept for whoever wants to look at it.
  const char* kept_as = "state.older";
  try {
    if (const auto present = tool::read_if_exists(path)) (void)decode_state(*present);
  } catch (const NewerState&) {
    throw;
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error&) {
    kept_as = "state.damaged";
  }
  tool::replace_durably(path, folder_ / kept_as, encode_state(state));
}

}  // namespace cicada::node
