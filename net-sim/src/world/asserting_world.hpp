#pragma once
/// Says which world, seed and event a failed assertion belongs to.

#include "world.hpp"

namespace cicada::sim {

/// As long as it lives, assertions of this program name the world. One at a time.
class AssertingWorld {
 public:
  explicit AssertingWorld(const World& world);
  ~AssertingWorld();
  AssertingWorld(const AssertingWorld&) = delete;
  AssertingWorld& operator=(const AssertingWorld&) = delete;
};

}  // namespace cicada::sim
