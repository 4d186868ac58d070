// Scenario to JSON: every value with its unit, in the order of the description.

#include <cicada/sim/scenario_loader.hpp>

#include "schema.hpp"

namespace cicada::sim {
namespace {

using Json = nlohmann::ordered_json;

class SchemaWriter final : public Visitor {
 public:
  explicit SchemaWriter(Json& root) : current_(&root) { root = Json::object(); }

  const std::filesystem::path& folder() const override { return folder_; }

  void scalar(const Key& key, const Scalar& scalar) override {
    if (Json value = scalar.write(); !value.is_null()) (*current_)[std::string(key.name)] = std::move(value);
  }

  void list(const Key& key, const List& list) override { (*current_)[std::string(key.name)] = elements(list); }

  void lists(const NamedLists& lists) override {
    for (std::size_t index = 0; index < lists.size(); ++index) {
      const std::string name = lists.name(index);
      (*current_)[name] = elements(lists.list(name));
    }
  }

  void mark(const Key& key) override { (*current_)[std::string(key.name)] = true; }

  void section(const Key& key, const Body& body, bool) override {
    Json section = Json::object();
    within(section, body);
    (*current_)[std::string(key.name)] = std::move(section);
  }

  void ways(std::span<const Way>, std::size_t current, bool, const Choice& body) override { body(current); }

  void tagged(const Key& key, std::span<const std::string_view> options, std::size_t current,
              const Choice& body) override {
    (*current_)[std::string(key.name)] = options[current];
    body(current);
  }

  void items(const Key& key, std::span<const Key> kinds, const ItemList& list) override {
    Json array = Json::array();
    for (std::size_t index = 0; index < list.size(); ++index) {
      const std::size_t kind = list.kind(index);
      Json item = Json::object();
      within(item, [&] { list.describe(index, kind); });
      Json named = Json::object();
      named[std::string(kinds[kind].name)] = std::move(item);
      array.push_back(std::move(named));
    }
    (*current_)[std::string(key.name)] = std::move(array);
  }

 private:
  void within(Json& json, const Body& body) {
    Json* const outer = std::exchange(current_, &json);
    body();
    current_ = outer;
  }

  static Json elements(const List& list) {
    Json array = Json::array();
    for (std::size_t index = 0; index < list.size(); ++index) array.push_back(list.element(index).write());
    return array;
  }

  Json* current_;
  std::filesystem::path folder_;
};

}  // namespace

nlohmann::ordered_json to_json(const Scenario& scenario) {
  // The description is written for reading, so that it wants something that can change.
  Scenario copy = scenario;
  Json json;
  SchemaWriter writer(json);
  describe(writer, copy);
  return json;
}

}  // namespace cicada::sim
