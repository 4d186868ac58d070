#pragma once
/// What a node knows beyond one run: the peers that it met, and how many lives it has had. In a folder of its own that
/// one daemon at a time may use.
///
///     state        "cicada-state 1 <SHA-256 of the rest, hex>\n", then JSON
///     state.older  the one before
///     state.damaged  the last one that did not fit its checksum, if any; nobody reads it
///     key          the seed of the identity (key_file.hpp); written once
///     lock         held while a daemon runs
///
/// A state that does not fit its checksum is told, and the older one is used.

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::node {

struct NodeState {
  std::uint32_t incarnation = 0;   ///< Of the last life that was begun.
  std::vector<std::string> peers;  ///< "host:port", the freshest first; at most `peers_max`.
  static constexpr std::size_t peers_max = 64;

  friend bool operator==(const NodeState&, const NodeState&) = default;
};

[[nodiscard]] std::string encode_state(const NodeState& state);
/// A state that a later version of the program wrote. It is never overwritten.
struct NewerState : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws std::runtime_error that says what is wrong; NewerState for a later version's.
[[nodiscard]] NodeState decode_state(std::string_view text);

class StateStore {
 public:
  /// Makes the folder where needed, and locks it. Throws std::system_error; std::runtime_error where another daemon
  /// holds the lock.
  explicit StateStore(std::filesystem::path folder);
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  ~StateStore();

  /// What was saved last, or an empty state. What had to be passed over goes to `complaints`, a sentence each. Throws
  /// NewerState.
  [[nodiscard]] NodeState load(std::vector<std::string>& complaints) const;
  /// On the disk when it returns. Throws std::system_error, NewerState. Takes two flushes of the disk.
  void save(const NodeState& state) const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace cicada::node
