// What a link reads from a stranger: hellos and the frames that hold links up are either refused, or they are the one
// encoding of what they gave. The book of ways stays within its bounds, whoever tells what. The first byte is the type
// of the frame; 1 is a hello, and 0 a run of ways from one teller.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/endpoint_text.hpp>

#include "frames.hpp"
#include "hello.hpp"
#include "way_book.hpp"

namespace {

using namespace cicada;

void read_hello(std::span<const std::uint8_t> bytes) {
  const auto hello = decode_hello(bytes);
  if (!hello) return;
  std::vector<std::uint8_t> again;
  encode(*hello, again);
  CICADA_ASSERT(std::ranges::equal(again, bytes));
  CICADA_ASSERT(again.size() <= hello_bytes_max);
}

void read_frame(FrameType type, std::span<const std::uint8_t> bytes) {
  const auto frame = decode_detour(type, bytes);
  if (!frame) return;
  CICADA_ASSERT(type_of(*frame) == type);
  std::vector<std::uint8_t> again;
  encode(*frame, again);
  CICADA_ASSERT(std::ranges::equal(again, bytes));
}

void read_ways(std::span<const std::uint8_t> bytes) {
  WayBook book(7);
  for (std::size_t i = 0; i + 3 < bytes.size(); i += 4) {
    const Id peer = Id::from_prefix(bytes[i]);
    const Id teller = Id::from_prefix(bytes[i + 1]);
    const bool own = peer == teller && bytes[i + 2] % 2 == 0;
    if (bytes[i + 2] % 7 == 6)
      book.release(peer, 1);
    else
      book.hear(peer, 1, {ipv4_endpoint({192, 0, 2, bytes[i + 3]}, 1)}, teller, own);
    const auto known = book.find(peer, 1);
    CICADA_ASSERT(known.relays.size() <= WayBook::words_per_way_max);
    CICADA_ASSERT(book.size() <= WayBook::ways_max);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer wants this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  if (data[0] == 0)
    read_ways(bytes);
  else if (data[0] == static_cast<std::uint8_t>(FrameType::hello))
    read_hello(bytes);
  else
    read_frame(static_cast<FrameType>(data[0]), bytes);
  return 0;
}
