// The table of all keys, from the description that the reader uses and from the defaults of the structs.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <cicada/sim/scenario_loader.hpp>

#include "schema.hpp"

namespace cicada::sim {
namespace {

class SchemaReference final : public Visitor {
 public:
  const std::string& table() const { return table_; }

  const std::filesystem::path& folder() const override { return folder_; }

  void scalar(const Key& key, const Scalar& scalar) override {
    std::string text(key.default_text);
    if (text.empty() && !key.required) {
      const auto value = scalar.write();
      text = value.is_null() ? "" : value.is_string() ? value.get<std::string>() : value.dump();
      if (!text.empty()) text = "`" + text + "`";
    }
    row(path_of(key.name), scalar.form, key, text);
  }

  void list(const Key& key, const List& list) override {
    std::size_t behind_last = list.size();
    row(path_of(key.name), "list of: " + list.element(behind_last).form, key, "none");
  }

  void lists(const NamedLists& lists) override {
    const Key key{.name = lists.placeholder, .about = lists.about};
    const List list = lists.list("example");
    row(path_of(key.name), "list of: " + list.element(list.size()).form, key, "none");
  }

  void mark(const Key& key) override { row(path_of(key.name), "true", key, ""); }

  void section(const Key& key, const Body& body, bool) override {
    row(path_of(key.name), "map", key, std::string(key.default_text));
    within(path_of(key.name), body);
  }

  void ways(std::span<const Way> ways, std::size_t, bool, const Choice& body) override {
    const auto outer = std::exchange(ways_path_, path_);
    for (std::size_t way = 0; way < ways.size(); ++way) body(way);
    ways_path_ = outer;
  }

  void tagged(const Key& key, std::span<const std::string_view> options, std::size_t current,
              const Choice& body) override {
    std::string form;
    for (const std::string_view option : options) form += (form.empty() ? "" : ", ") + std::string(option);
    row(path_of(key.name), form, key, fmt::format("`{}`", options[current]));
    for (std::size_t option = 0; option < options.size(); ++option) {
      condition_ = fmt::format("{}: {}. ", key.name, options[option]);
      body(option);
    }
    condition_.clear();
  }

  void items(const Key& key, std::span<const Key> kinds, const ItemList& list) override {
    row(path_of(key.name), "list", key, "none");
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      const std::string path = fmt::format("{}.{}", path_of(key.name), kinds[kind].name);
      row(path, "map", kinds[kind], "");
      within(path, [&] { list.describe(list.size(), kind); });
    }
  }

 private:
  void row(const std::string& path, std::string_view form, const Key& key, const std::string& default_text) {
    // Two ways may share a key (both distributions have a mean): one row for each path and condition is enough.
    if (!seen_.insert(condition_ + path).second) return;
    const std::string required = ways_path_ == path_ ? "one of these" : "required";
    table_ += fmt::format("| `{}` | {} | {} | {}{} |\n", path, form, key.required ? required : default_text, condition_,
                          key.about);
  }

  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  void within(std::string path, const Body& body) {
    std::swap(path_, path);
    body();
    std::swap(path_, path);
  }

  std::string path_;
  std::string condition_;
  std::optional<std::string> ways_path_;  // The section that chooses between the ways that are being described.
  std::string table_ = "| key | form | default | meaning |\n|---|---|---|---|\n";
  std::set<std::string> seen_;
  std::filesystem::path folder_;
};

}  // namespace

std::string scenario_reference_markdown() {
  // Describing every alternative leaves a strange scenario behind, which nobody looks at.
  Scenario scratch;
  SchemaReference reference;
  describe(reference, scratch);
  return reference.table() +
         "\nA time needs its unit (ns, us, ms, s, min, h, d), a size too (B, KiB, MiB, GiB); a share is `10%` or a "
         "plain "
         "number from 0 to 1; a rate is `20/s`, `3/min` or `12/h`, with `per peer` behind it where each peer has its "
         "own.\n";
}

}  // namespace cicada::sim
