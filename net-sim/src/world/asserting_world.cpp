#include "asserting_world.hpp"

#include <string>

#include <cicada/assert.hpp>

namespace cicada::sim {
namespace {

const World* current = nullptr;

std::string describe_world() {
  if (current == nullptr) return "outside of a simulation";
  return "seed " + std::to_string(current->seed()) + ", event " + std::to_string(current->counters().events) + ", at " +
         std::to_string(current->now().time_since_epoch().count()) + " ns of scenario '" + current->scenario().name +
         "'";
}

}  // namespace

AssertingWorld::AssertingWorld(const World& world) {
  current = &world;
  set_assert_context(&describe_world);
}

AssertingWorld::~AssertingWorld() { current = nullptr; }

}  // namespace cicada::sim
