// The events of yaml-cpp become a YamlNode tree. Everything that a hostile text could blow up is counted here.

#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "yaml_tree.hpp"

namespace cicada::sim {
namespace {

/// Thrown inside this file only, to leave yaml-cpp's parser at once.
struct Stop {
  Mistake mistake;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(unsigned source) : source_(source) {}

  std::optional<YamlNode> take_root() { return std::exchange(root_, std::nullopt); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) throw Stop{{position(mark), "found a second YAML document, expected only one"}};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { complete(begin({}, mark, "?"), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = begin(value, mark, tag);
    node.kind = YamlNode::Kind::scalar;
    node.quoted = tag == "!";
    complete(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{{position(mark), "found an alias inside its own anchor, expected a value"}};
    count_copy(found->second, position(mark));
    YamlNode copy = found->second;
    copy.at = position(mark);
    complete(std::move(copy), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key;
  };

  Position position(const YAML::Mark& mark) const {
    return {source_, static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1)};
  }

  YamlNode begin(std::string text, const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Stop{{position(mark), fmt::format("found the YAML tag {}, expected a plain value", quote(tag))}};
    }
    count(text.size(), position(mark));
    YamlNode node;
    node.text = std::move(text);
    node.at = position(mark);
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (stack_.size() >= yaml_depth_max) {
      throw Stop{{position(mark), fmt::format("found values nested deeper than {} levels", yaml_depth_max)}};
    }
    YamlNode node = begin({}, mark, tag);
    node.kind = kind;
    stack_.push_back({std::move(node), anchor, std::nullopt});
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    complete(std::move(frame.node), frame.anchor);
  }

  void complete(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count_copy(node, node.at);
      anchors_.insert_or_assign(anchor, node);
    }
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (Frame& parent = stack_.back(); parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::scalar) {
        throw Stop{{node.at, fmt::format("found {} as a key, expected a name", describe_found(node))}};
      }
      if (parent.node.find(node.text) != nullptr) {
        throw Stop{{node.at, fmt::format("found the key {} a second time, expected it once", quote(node.text))}};
      }
      parent.key = std::move(node);
    } else {
      YamlNode key = *std::exchange(parent.key, std::nullopt);
      // yaml-cpp places a missing value where the next token is, which may be lines below.
      if (node.kind == YamlNode::Kind::null) node.at = key.at;
      parent.node.entries.push_back({std::move(key.text), key.at, std::move(node)});
    }
  }

  void count(std::size_t bytes, const Position& at) {
    bytes_ += bytes;
    if (++nodes_ > yaml_nodes_max || bytes_ > 2 * yaml_bytes_max) {
      throw Stop{{at, fmt::format("found more than {} values (aliases count in full)", yaml_nodes_max)}};
    }
  }

  void count_copy(const YamlNode& node, const Position& at) {
    count(node.text.size(), at);
    for (const YamlNode& item : node.items) count_copy(item, at);
    for (const YamlEntry& entry : node.entries) {
      count(entry.key.size(), at);
      count_copy(entry.value, at);
    }
  }

  unsigned source_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::optional<YamlNode> root_;
};

/// yaml-cpp looks far ahead in flow style, so that nesting is bounded before it sees the text. Brackets in quotes and
/// comments are skipped roughly: a wrong guess can only matter to a text with dozens of unbalanced brackets.
std::optional<Mistake> check_nesting(std::string_view text, unsigned source) {
  Position at{source, 1, 0};
  int depth = 0;
  char quote_open = 0;
  char before = '\n';
  bool comment = false;
  for (const char c : text) {
    ++at.column;
    const bool at_token = before == ' ' || before == '\n' || before == '\t' || before == '[' || before == '{' ||
                          before == ',' || before == ':';
    if (c == '\0') return Mistake{at, "found a NUL byte, expected UTF-8 text"};
    if (c == '\n') {
      comment = false;
      at = {source, at.line + 1, 0};
    } else if (quote_open != 0) {
      if (c == quote_open && before != '\\') quote_open = 0;
    } else if (!comment) {
      if (c == '#' && at_token) comment = true;
      if ((c == '\'' || c == '"') && at_token) quote_open = c;
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && depth > 0) --depth;
      if (depth > static_cast<int>(yaml_depth_max)) {
        return Mistake{at, fmt::format("found brackets nested deeper than {} levels", yaml_depth_max)};
      }
    }
    before = c;
  }
  return std::nullopt;
}

}  // namespace

std::expected<YamlNode, Mistake> parse_yaml(std::string_view text, unsigned source) {
  if (text.size() > yaml_bytes_max) {
    return std::unexpected(
        Mistake{{source, 1, 1}, fmt::format("found {} bytes, expected at most {}", text.size(), yaml_bytes_max)});
  }
  if (auto mistake = check_nesting(text, source)) return std::unexpected(std::move(*mistake));
  TreeBuilder builder(source);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop& stop) {
    return std::unexpected(stop.mistake);
  } catch (const YAML::Exception& error) {
    const Position at{source, static_cast<unsigned>(error.mark.line + 1), static_cast<unsigned>(error.mark.column + 1)};
    return std::unexpected(Mistake{at, fmt::format("found broken YAML ({})", error.msg)});
  }
  auto root = builder.take_root();
  if (!root) {
    YamlNode nothing;
    nothing.at.source = source;
    return nothing;
  }
  return std::move(*root);
}

}  // namespace cicada::sim
