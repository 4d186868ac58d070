#pragma once
/// The identity of a node on disk: "cicada-key 1 <64 hexadecimal digits of the Ed25519 seed>\n", readable by its user
/// alone.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <cicada/membership.hpp>

namespace cicada::node {

/// Writes a new random key. Throws std::system_error; with EEXIST where there is a file already, which is never
/// replaced.
KeySeed create_key_file(const std::filesystem::path& path);

/// Nothing where there is no file. Throws std::runtime_error for a file that is no key, or that others may read.
std::optional<KeySeed> read_key_file(const std::filesystem::path& path);

/// 64 hexadecimal digits.
[[nodiscard]] std::string to_hex(const PublicKey& key);
[[nodiscard]] std::optional<PublicKey> parse_public_key(std::string_view text);

}  // namespace cicada::node
