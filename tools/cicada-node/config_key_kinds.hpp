#pragma once
/// The kinds of keys that the configuration has: a text, a path, a flag, a number, a size, a time, one of several
/// names. Where a value is kept is told by anything that leads from a configuration to it: a pointer to a member, or
/// `limit`.

#include <fmt/core.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <cicada/sim/nearest.hpp>
#include <cicada/sim/units.hpp>

#include "config_keys.hpp"

namespace cicada::node {

/// Leads to one of the limits.
template <class Value>
auto limit(Value SwarmLimits::* member) {
  return [member](auto& config) -> auto& { return config.limits.*member; };
}

inline ConfigKey text_key(std::string_view name, std::string NodeConfig::* member, std::string_view about,
                          std::size_t length_max = 255) {
  return {name, about,
          [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
            if (text.size() > length_max) return std::unexpected(fmt::format("at most {} bytes", length_max));
            config.*member = text;
            return {};
          },
          [=](const NodeConfig& config) { return config.*member; }};
}

inline ConfigKey path_key(std::string_view name, std::filesystem::path NodeConfig::* member, std::string_view about) {
  return {name, about,
          [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
            config.*member = text;
            return {};
          },
          [=](const NodeConfig& config) { return (config.*member).string(); }};
}

inline ConfigKey flag_key(std::string_view name, bool NodeConfig::* member, std::string_view about) {
  return {name, about,
          [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
            if (text != "true" && text != "false") return std::unexpected("true or false");
            config.*member = text == "true";
            return {};
          },
          [=](const NodeConfig& config) { return std::string(config.*member ? "true" : "false"); }};
}

template <class Place>
ConfigKey number_key(std::string_view name, Place place, std::uint64_t low, std::uint64_t high,
                     std::string_view about) {
  return {name, about,
          [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
            const auto value = sim::parse_integer(text);
            if (!value || *value < low || *value > high) {
              return std::unexpected(fmt::format("a whole number from {} to {}", low, high));
            }
            auto& kept = std::invoke(place, config);
            kept = static_cast<std::remove_cvref_t<decltype(kept)>>(*value);
            return {};
          },
          [=](const NodeConfig& config) { return std::to_string(std::invoke(place, config)); }};
}

template <class Place>
ConfigKey bytes_key(std::string_view name, Place place, std::uint64_t low, std::uint64_t high, std::string_view about) {
  return {
      name, about,
      [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
        const auto value = sim::parse_bytes(text);
        if (!value || *value < low || *value > high) {
          return std::unexpected(fmt::format("a size from {} to {}", sim::format_bytes(low), sim::format_bytes(high)));
        }
        auto& kept = std::invoke(place, config);
        kept = static_cast<std::remove_cvref_t<decltype(kept)>>(*value);
        return {};
      },
      [=](const NodeConfig& config) { return sim::format_bytes(std::invoke(place, config)); }};
}

template <class Place>
ConfigKey time_key(std::string_view name, Place place, Duration low, Duration high, std::string_view about) {
  return {name, about,
          [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
            const auto value = sim::parse_duration(text);
            if (!value || *value < low || *value > high) {
              return std::unexpected(fmt::format("a time from {} to {}, with its unit", sim::format_duration(low),
                                                 sim::format_duration(high)));
            }
            std::invoke(place, config) = *value;
            return {};
          },
          [=](const NodeConfig& config) { return sim::format_duration(std::invoke(place, config)); }};
}

template <class Enum>
using Names = std::vector<std::pair<std::string_view, Enum>>;

template <class Enum>
ConfigKey choice_key(std::string_view name, Enum NodeConfig::* member, Names<Enum> names, std::string_view about) {
  return {name, about,
          [=](NodeConfig& config, std::string_view text) -> std::expected<void, std::string> {
            std::vector<std::string_view> known;
            for (const auto& [known_name, value] : names) {
              known.push_back(known_name);
              if (known_name != text) continue;
              config.*member = value;
              return {};
            }
            // The caller writes "expected" itself.
            return std::unexpected(sim::expected_one_of(text, known).substr(std::string_view("expected ").size()));
          },
          [=](const NodeConfig& config) {
            for (const auto& [known_name, value] : names)
              if (value == config.*member) return std::string(known_name);
            return std::string();
          }};
}

}  // namespace cicada::node
