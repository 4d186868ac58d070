// Bytes of hostile peers, all the way: decoded, and taken by the nodes of a small ring in different states. The world
// checks what must hold.

#include <cstddef>
#include <cstdint>

#include "../hostile_world.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer wants this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cicada::test::HostileWorld(cicada::test::Choices({data, size})).run();
  return 0;
}
