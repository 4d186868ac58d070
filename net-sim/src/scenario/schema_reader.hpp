#pragma once
/// The visitor that fills a Scenario from a YAML tree and collects every mistake with its place.

#include <map>
#include <string>
#include <vector>

#include "schema.hpp"
#include "yaml_tree.hpp"

namespace cicada::sim {

/// Where each key that was given stands, by its dotted path; items of lists by position (`faults.0.crash.at`).
using Places = std::map<std::string, Position, std::less<>>;

class SchemaReader final : public Visitor {
 public:
  /// `root` must outlive the reader. Relative files start at `folder`.
  SchemaReader(const YamlNode& root, std::filesystem::path folder);

  /// Visits the scenario. Afterwards `mistakes` says what was wrong, and `places` what was given.
  void read(Scenario&);

  [[nodiscard]] const std::vector<Mistake>& mistakes() const { return mistakes_; }
  [[nodiscard]] const Places& places() const { return places_; }

  const std::filesystem::path& folder() const override { return folder_; }
  void scalar(const Key&, const Scalar&) override;
  void list(const Key&, const List&) override;
  void lists(const NamedLists&) override;
  void mark(const Key&) override;
  void section(const Key&, const Body&, bool word) override;
  void ways(std::span<const Way>, std::size_t current, bool required, const Choice& body) override;
  void tagged(const Key&, std::span<const std::string_view> options, std::size_t current, const Choice& body) override;
  void items(const Key&, std::span<const Key> kinds, const ItemList&) override;

 private:
  /// A map that is being read.
  struct Scope {
    const YamlNode* map = nullptr;
    std::string path;                     // Empty at the top.
    std::vector<std::string_view> known;  // Keys that were described.
    std::vector<Mistake> missing;         // Told only if no key is unknown: most often that one is the missing key.
    bool any_key = false;                 // Keys can't be judged.
  };

  void enter(const YamlNode& map, std::string path, const Body& body);
  void leave();
  const YamlNode* take(const Key&);
  std::string path_of(std::string_view name) const;
  void fail(const Position& at, std::string message) { mistakes_.push_back({at, std::move(message)}); }
  void read_elements(const YamlNode&, const std::string& path, const List&);
  void read_item(const YamlNode&, const std::string& path, std::span<const Key> kinds, const ItemList&);

  const YamlNode& root_;
  std::filesystem::path folder_;
  std::vector<Scope> scopes_;
  std::vector<Mistake> mistakes_;
  Places places_;
};

}  // namespace cicada::sim
