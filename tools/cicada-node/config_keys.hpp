#pragma once
/// The one table of all keys of the configuration: how they are called in the file and behind --set, what they may be,
/// what they mean. The loader, the flags and the printed reference all read it.

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "config.hpp"

namespace cicada::node {

struct ConfigKey {
  std::string_view name;   ///< Dotted: "port_mapping.lease".
  std::string_view about;  ///< One sentence.
  /// Reads one value. Fails with a text that completes "found 'x', expected …".
  std::function<std::expected<void, std::string>(NodeConfig&, std::string_view)> set;
  std::function<std::string(const NodeConfig&)> get;
  bool is_list = false;  ///< Each `set` adds a value; in the file it is a sequence.
};

[[nodiscard]] std::span<const ConfigKey> config_keys();
[[nodiscard]] const ConfigKey* find_config_key(std::string_view name);

/// "unknown key 'prot'; did you mean 'port'?", for a key within `section` ("" for the outermost level).
[[nodiscard]] std::string unknown_key(std::string_view section, std::string_view name);

/// The configuration as a file that reads back to the same; with what each key means where `with_about`.
[[nodiscard]] std::string print_config(const NodeConfig& config, bool with_about);

}  // namespace cicada::node
