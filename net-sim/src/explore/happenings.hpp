#pragma once
/// What happens to the peers of an explored world: joins of free ids, restarts of old ones, crashes and leaves, at
/// random times. Failures happen only where the operating assumptions allow them.

#include <string>
#include <string_view>
#include <vector>

#include <cicada/rng.hpp>

#include "world/world.hpp"

namespace cicada::sim {

struct Happening {
  enum class Kind : std::uint8_t { join, restart, crash, leave, refused_leave, nothing };
  TimePoint at{};
  Kind kind = Kind::nothing;
  PeerIndex peer = no_peer;
};

[[nodiscard]] std::string_view to_string(Happening::Kind kind);

class Happenings final : public Process {
 public:
  /// `ids` is the number of ids that there are, those of the first peers included.
  Happenings(std::uint64_t seed, std::size_t first_peers, std::size_t ids);

  /// Spreads `count` of them uniformly over the time. To be called once, with this process's own number.
  void schedule(World& world, std::size_t self, std::size_t count, Duration over);
  void fire(World& world, PeerIndex target) override;
  void on_member(World& world, PeerIndex peer) override;

  /// Newcomers that have not become members so far give up.
  void end_joins(World& world) const;
  [[nodiscard]] const std::vector<Happening>& list() const { return list_; }

 private:
  Happening act(World& world);
  Happening begin_life(World& world, bool fresh);
  Happening end_life(World& world, bool orderly);

  Rng rng_;
  std::size_t hosts_;
  std::size_t ids_;
  std::vector<bool> were_members_;
  std::vector<Happening> list_;
};

}  // namespace cicada::sim
