#pragma once
/// One description of a scenario serves three visitors: the reader (YAML to Scenario), the writer (Scenario to JSON)
/// and the reference (a table of all keys). A key that is described once can't be parsed, written or documented
/// differently.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include <cicada/sim/scenario.hpp>

namespace cicada::sim {

/// A key of a section.
struct Key {
  std::string_view name;
  std::string_view about;              ///< One line for the reference.
  bool required = false;               ///< Its absence is a mistake.
  std::string_view default_text = {};  ///< For the reference, where the default is no plain value.
};

/// A value that is written as one YAML scalar, bound to the field that it fills.
struct Scalar {
  std::string form;  ///< For the reference: `time`, `share`, `0 .. 16`.
  /// Sets the field. Returns what was expected when the text isn't that; the field is then unchanged.
  std::function<std::optional<std::string>(std::string_view)> read;
  /// The field as text, number or truth value; null: absent, so that the key is left out.
  std::function<nlohmann::ordered_json()> write;
};

/// A list of scalars.
struct List {
  std::size_t size_max = 0;
  std::function<std::size_t()> size;
  std::function<void()> clear;
  std::function<Scalar(std::size_t)> element;  ///< Grows the list when asked for the one behind the last.
  bool any_value = false;                      ///< Elements may be lists and maps too; the field gets their text.
};

/// All keys of a section that aren't described otherwise, each a list.
struct NamedLists {
  std::string_view placeholder;  ///< For the reference: `<region>`.
  std::string_view about;
  std::size_t size_max = 0;
  std::function<std::size_t()> size;
  std::function<void()> clear;
  std::function<std::string(std::size_t)> name;
  std::function<List(const std::string& name)> list;  ///< Adds the list when it isn't there.
};

/// One of several ways to go on; it is chosen by the presence of one of its keys.
struct Way {
  std::span<const std::string_view> keys;
};

/// A list of one-key maps, whose key is the kind of the item.
struct ItemList {
  std::size_t size_max = 0;
  std::function<std::size_t()> size;
  std::function<std::size_t(std::size_t)> kind;
  std::function<void(std::size_t index, std::size_t kind)>
      describe;  ///< Grows the list by that kind when index == size.
};

using Body = std::function<void()>;
using Choice = std::function<void(std::size_t)>;

class Visitor {
 public:
  virtual ~Visitor() = default;

  /// The folder where relative paths start.
  virtual const std::filesystem::path& folder() const = 0;

  virtual void scalar(const Key&, const Scalar&) = 0;
  virtual void list(const Key&, const List&) = 0;
  virtual void lists(const NamedLists&) = 0;

  /// A key whose presence says it all: `key: true`.
  virtual void mark(const Key&) = 0;

  /// A map. With `word`, a single word stands for the map `{word: }`, as in `replace: never`.
  virtual void section(const Key&, const Body&, bool word = false) = 0;

  /// Exactly one way is taken (none only when not `required`); `body(i)` describes way i, which becomes the current
  /// one.
  virtual void ways(std::span<const Way>, std::size_t current, bool required, const Choice& body) = 0;

  /// `key` holds the name of an option, whose own keys stand beside it; `body(i)` describes them.
  virtual void tagged(const Key&, std::span<const std::string_view> options, std::size_t current,
                      const Choice& body) = 0;

  virtual void items(const Key&, std::span<const Key> kinds, const ItemList&) = 0;
};

/// Describes the whole scenario. Reading changes it; the other visitors may leave its variants in another state.
void describe(Visitor&, Scenario&);

// The sections, each in the file of its name.
void describe_links(Visitor&, Links&);
void describe_protocol(Visitor&, Protocol&);
void describe_workloads(Visitor&, std::vector<Workload>&);
void describe_faults(Visitor&, std::vector<Fault>&);
void describe_adversaries(Visitor&, std::vector<Adversary>&);

/// The alternative T of a variant, which is made when another one is held.
template <class T, class Variant>
T& hold(Variant& variant) {
  if (!std::holds_alternative<T>(variant)) variant.template emplace<T>();
  return std::get<T>(variant);
}

/// An ItemList over a vector of a variant; `describe(item)` visits the item.
template <class Variant, class Describe>
ItemList item_list(std::vector<Variant>& vector, std::size_t size_max, Describe describe_item) {
  const auto emplace = [&vector]<std::size_t... i>(std::size_t kind, std::index_sequence<i...>) {
    ((kind == i ? void(vector.emplace_back(std::in_place_index<i>)) : void()), ...);
  };
  return {.size_max = size_max,
          .size = [&vector] { return vector.size(); },
          .kind = [&vector](std::size_t index) { return vector[index].index(); },
          .describe =
              [&vector, emplace, describe_item](std::size_t index, std::size_t kind) {
                if (index == vector.size()) emplace(kind, std::make_index_sequence<std::variant_size_v<Variant>>{});
                std::visit(describe_item, vector[index]);
              }};
}

}  // namespace cicada::sim
