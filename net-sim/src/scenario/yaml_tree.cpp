#include "yaml_tree.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace cicada::sim {
namespace {

template <class Node>
auto* find_in(Node& node, std::string_view key) {
  const auto found = std::ranges::find(node.entries, key, &YamlEntry::key);
  return found == node.entries.end() ? nullptr : &found->value;
}

void append_flow(const YamlNode& node, std::string& out) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      out += "~";
      break;
    case YamlNode::Kind::scalar: {
      const bool plain = !node.text.empty() && node.text.find_first_of("{}[],:#&*!|>'\"%@`\\\n\t") == std::string::npos;
      if (plain) {
        out += node.text;
        break;
      }
      out += '\'';
      for (const char c : node.text) out += c == '\'' ? std::string("''") : std::string(1, c);
      out += '\'';
      break;
    }
    case YamlNode::Kind::list:
      out += '[';
      for (const YamlNode& item : node.items) {
        if (&item != &node.items.front()) out += ", ";
        append_flow(item, out);
      }
      out += ']';
      break;
    case YamlNode::Kind::map:
      out += '{';
      for (const YamlEntry& entry : node.entries) {
        if (&entry != &node.entries.front()) out += ", ";
        out += entry.key + ": ";
        append_flow(entry.value, out);
      }
      out += '}';
      break;
  }
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const { return find_in(*this, key); }
YamlNode* YamlNode::find(std::string_view key) { return find_in(*this, key); }

std::string flow_text(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) return node.text;
  std::string out;
  append_flow(node, out);
  return out;
}

std::string quote(std::string_view text, std::size_t length_max) {
  std::string shown(text.substr(0, length_max));
  // A cut must not leave half of a UTF-8 character behind.
  if (text.size() > length_max) {
    while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0U) == 0x80U) shown.pop_back();
    if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0x80U) shown.pop_back();
    shown += "...";
  }
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) c = ' ';
  }
  return "'" + shown + "'";
}

std::string describe_found(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return quote(node.text);
    case YamlNode::Kind::list:
      return node.items.empty() ? "an empty list" : "a list";
    case YamlNode::Kind::map:
      return node.entries.empty() ? "an empty map" : fmt::format("a map with the key {}", quote(node.entries[0].key));
  }
  std::unreachable();
}

}  // namespace cicada::sim
