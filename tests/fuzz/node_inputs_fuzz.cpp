// What cicada-node reads from strangers and from files: any bytes are either taken, or refused with a message. Nothing
// else is thrown, and nothing that was taken comes back different. The first byte chooses the reader.

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include <cicada/assert.hpp>

#include "chat_room.hpp"
#include "node_setup.hpp"
#include "script.hpp"
#include "sealing.hpp"
#include "state_store.hpp"
#include "trusted_peers.hpp"

namespace {

using namespace cicada;
using namespace cicada::node;

template <class Read>
void expect_only_refusals(Read read) {
  try {
    read();
  } catch (const std::runtime_error& error) {
    CICADA_ASSERT(!std::string(error.what()).empty());
  }
}

void read_chat(const std::string& text) {
  ChatRoom room(Id::from_prefix(1), "me");
  for (std::uint64_t from = 2; from < 5; ++from) {
    const auto outcome = room.receive(Id::from_prefix(from), text);
    CICADA_ASSERT(outcome.replies.size() <= ChatRoom::others_max + 1);
    for (const std::string& line : outcome.lines) {
      for (const char c : line) CICADA_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
  }
}

void read_script(const std::string& text) {
  const auto lines = parse_script(text, "f");
  if (!lines) CICADA_ASSERT(!lines.error().empty());
}

void read_sealed(const std::string& text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());  // NOLINT: text as bytes.
  const KeySeed target{1};
  PublicKey source{};
  for (std::size_t i = 0; i < source.size() && i < text.size(); ++i) source[i] = bytes[i];
  // Nobody makes a box for a key that he has not got.
  CICADA_ASSERT(!unseal(std::span(bytes, text.size()), source, target));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer wants this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  switch (data[0] % 6) {
    case 0:
      read_chat(text);
      break;
    case 1:
      read_script(text);
      break;
    case 2:
      read_sealed(text);
      break;
    case 3:
      expect_only_refusals([&] { (void)TrustedPeers::parse(text, "f"); });
      break;
    case 4:
      expect_only_refusals([&] { (void)decode_membership(text, "f"); });
      break;
    default:
      expect_only_refusals([&] {
        const NodeState state = decode_state(text);
        CICADA_ASSERT(decode_state(encode_state(state)) == state);
      });
  }
  return 0;
}
