#pragma once
/// Reads a configuration file (YAML).

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config.hpp"

namespace cicada::node {

/// Lays the file's values over `config`. What is wrong comes back as lines "file:line:column: what was found, what was
/// expected", all of them at once; `config` is then of no use. Relative paths in the file are taken from its folder.
std::vector<std::string> read_config_file(const std::filesystem::path& path, NodeConfig& config);

/// The same for a text, whose name is only for the messages.
std::vector<std::string> read_config_text(std::string_view text, std::string_view name, NodeConfig& config);

/// Sets one key from "KEY=VALUE".
std::expected<void, std::string> set_config_key(NodeConfig& config, std::string_view setting);

/// What contradicts itself across keys.
std::vector<std::string> check_config(const NodeConfig& config);

}  // namespace cicada::node
