#pragma once
/// A YAML document as a small tree whose every node knows where it was written. It is built from yaml-cpp's events and
/// not from its nodes, so that size, depth and aliases are bounded while parsing and duplicate keys are noticed.

#include <compare>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::sim {

/// Where something was written. `source` 0 is the file, n the n-th override (whose line and column don't matter).
struct Position {
  unsigned source = 0;
  unsigned line = 1;    ///< From 1.
  unsigned column = 1;  ///< From 1, in bytes.
  auto operator<=>(const Position&) const = default;
};

/// A mistake at a place.
struct Mistake {
  Position at;
  std::string message;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind : unsigned char { null, scalar, list, map };
  Kind kind = Kind::null;
  bool quoted = false;             ///< Scalars: written in quotes, or as a block.
  Position at;                     ///< Where the value begins.
  std::string text;                ///< Scalars.
  std::vector<YamlNode> items;     ///< Lists.
  std::vector<YamlEntry> entries;  ///< Maps, in the order of the text; keys are unique.

  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  [[nodiscard]] YamlNode* find(std::string_view key);
};

struct YamlEntry {
  std::string key;
  Position key_at;
  YamlNode value;
};

/// Bounds on hostile input; an honest scenario stays far below them.
inline constexpr std::size_t yaml_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t yaml_nodes_max = 10'000;
inline constexpr std::size_t yaml_depth_max = 32;

/// Parses one document. Linear in its size; never throws.
std::expected<YamlNode, Mistake> parse_yaml(std::string_view text, unsigned source);

/// The node in flow style on one line, such as `{shape: 0.5}`; scalars as they are.
std::string flow_text(const YamlNode&);

/// For messages: `'30s'`, `nothing`, `a list`, `a map of keys`. Long texts are cut.
std::string describe_found(const YamlNode&);

/// A text in quotes for a message, cut when long, with control characters replaced.
std::string quote(std::string_view text, std::size_t length_max = 60);

}  // namespace cicada::sim
