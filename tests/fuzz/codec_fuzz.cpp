// Bytes of a stranger are refused without a trace, or they are the one encoding of the message that they gave.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <cicada/assert.hpp>
#include <cicada/codec.hpp>

#include "../unit/map_contact_book.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  cicada::test::MapContactBook book;
  const auto message = cicada::decode(bytes, book);
  if (!message) {
    CICADA_ASSERT(message.error().offset <= size);
    CICADA_ASSERT(book.size() == 0);
    return 0;
  }
  std::vector<std::uint8_t> again;
  cicada::encode(*message, book, again);
  CICADA_ASSERT(std::vector(bytes.begin(), bytes.end()) == again);
  return 0;
}
