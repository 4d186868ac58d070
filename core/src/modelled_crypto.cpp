#include <cicada/modelled_crypto.hpp>

#include <array>
#include <cstddef>
#include <tuple>

#include <cicada/rng.hpp>

namespace cicada {
namespace {

/// Keeps the functions apart.
enum class Role : std::uint64_t { key = 1, signature, hash, nonce };

/// Takes bytes into a 64-bit state, eight at a time, the first one lowest; the same on every machine.
std::uint64_t absorb(std::uint64_t state, std::span<const std::uint8_t> bytes) {
  const std::size_t whole = bytes.size() / 8 * 8;
  const auto word = [&](std::size_t from, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{bytes[from + i]} << (8 * i);
    return value;
  };
  for (std::size_t i = 0; i < whole; i += 8) state = mix64((state ^ word(i, 8)) + 0x9e3779b97f4a7c15ULL);
  state = mix64(state ^ word(whole, bytes.size() - whole), bytes.size());
  return state;
}

/// As many bytes as wanted from a state.
template <std::size_t n>
std::array<std::uint8_t, n> squeeze(std::uint64_t state) {
  static_assert(n % 8 == 0);
  std::array<std::uint8_t, n> bytes;
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(mix64(state, i / 8) >> (8 * (i % 8)));
  return bytes;
}

std::uint64_t seeded(Role role, std::uint64_t value) { return mix64(static_cast<std::uint64_t>(role), value); }

Signature signature_by(const PublicKey& key, std::span<const std::uint8_t> bytes) {
  return squeeze<std::tuple_size_v<Signature>>(absorb(absorb(seeded(Role::signature, 0), key), bytes));
}

}  // namespace

PublicKey ModelledCrypto::key_of(std::uint64_t identity) {
  return squeeze<std::tuple_size_v<PublicKey>>(seeded(Role::key, identity));
}

Signature ModelledCrypto::sign(std::span<const std::uint8_t> bytes) {
  ++counts_->signs;
  return signature_by(public_key(), bytes);
}

bool ModelledCrypto::verify(std::span<const std::uint8_t> bytes, const Signature& signature, const PublicKey& key) {
  ++counts_->verifies;
  return signature == signature_by(key, bytes);
}

Id ModelledCrypto::hash(std::span<const std::uint8_t> bytes) {
  ++counts_->hashes;
  counts_->bytes_hashed += bytes.size();
  return Id::from_bytes(squeeze<Id::size_bytes>(absorb(seeded(Role::hash, 0), bytes)));
}

Nonce ModelledCrypto::nonce(std::uint64_t number) {
  const std::uint64_t state = mix64(seeded(Role::nonce, identity_), number);
  return {mix64(state, 0), mix64(state, 1)};
}

}  // namespace cicada
