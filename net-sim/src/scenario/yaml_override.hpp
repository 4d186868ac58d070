#pragma once
/// `--set key=value`: one setting in the tree of a scenario is replaced before the tree is read.

#include <string_view>

#include "yaml_tree.hpp"

namespace cicada::sim {

/// Puts `value` (a YAML text) at the dotted `key`. Keys that aren't there are made in maps (whether they may be there
/// is checked when the tree is read); items of lists are only found, not made. `source` marks everything that is
/// written.
std::expected<void, Mistake> override_setting(YamlNode& root, std::string_view key, std::string_view value,
                                              unsigned source);

/// Splits `key=value` and applies it.
std::expected<void, Mistake> apply_override(YamlNode& root, std::string_view setting, unsigned source);

}  // namespace cicada::sim
