#pragma once
/// Messages with something changed in them, as a broken or hostile program sends them.

#include <cstdint>
#include <span>
#include <vector>

#include <cicada/message.hpp>
#include <cicada/rng.hpp>

namespace cicada::sim {

/// Changes one field, chosen uniformly among all of the message, those of its header and card included: numbers become
/// extreme or differ by one or in one bit, ids and peers become others of `peers` (at least one, all existing), lists
/// lose, repeat, swap or gain entries. The result can be encoded; a signature in it holds no more.
void change_field(Message& message, std::span<const Peer> peers, std::span<const Id> ids, Rng& rng);

/// Changes one to four places of an encoded message: a bit or a byte, one left out, one more, a run repeated, or the
/// end cut off. At least one byte is left.
void change_bytes(std::vector<std::uint8_t>& bytes, Rng& rng);

}  // namespace cicada::sim
