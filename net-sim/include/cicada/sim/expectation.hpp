#pragma once
/// Expectations: lines such as `lookups.wrong / lookups.count <= 0.1%` that make a scenario a test. They are parsed
/// when a scenario is loaded and evaluated on the summary of a run.
///
///     expectation = sum ("<=" | "<" | ">=" | ">" | "==") sum  |  sum "in" "[" sum "," sum "]"
///     sum         = product { ("+" | "-") product }
///     product     = factor { ("*" | "/") factor }
///     factor      = ["-"] ( number [unit] | key | "true" | "false" | ("abs"|"sqrt"|"log2") "(" sum ")" | "(" sum ")" )
///     unit        = "%" | "ns" | "us" | "ms" | "s" | "min" | "h" | "d"
///
/// A key is a dotted path into the summary; `delivered` stands for sends.delivered / sends.count. A number with a unit
/// of time is converted to the unit of the keys beside it: ms where a part of a key ends in `_ms`, seconds otherwise.

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace cicada::sim {

/// Why a text is no expectation.
struct ExpectationError {
  std::size_t offset = 0;  ///< Bytes from the start of the text.
  std::string message;     ///< `found …, expected …`
};

/// What came out.
struct ExpectationResult {
  std::string text;                ///< As the scenario has it.
  std::optional<double> measured;  ///< The left side; nothing where it could not be computed.
  bool ok = false;                 ///< Never true without `measured`.
  std::string message;             ///< Why `measured` is missing (`no 'ring.foo' in the summary`), else empty.
};

class Expectation {
 public:
  /// Parses at most 1,000 bytes, nested at most 32 levels deep.
  static std::expected<Expectation, ExpectationError> parse(std::string_view text);

  /// The first key that is not in `known`, as an error that names the nearest one.
  [[nodiscard]] std::optional<ExpectationError> check_keys(std::span<const std::string> known) const;

  /// Computes both sides on a summary. Missing keys, nulls, texts and divisions by zero make it fail with a message.
  [[nodiscard]] ExpectationResult evaluate(const nlohmann::ordered_json& summary) const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  friend class ExpectationParser;
  enum class Op : unsigned char { number, key, add, subtract, multiply, divide, negate, abs, sqrt, log2 };
  enum class Relation : unsigned char { less_equal, less, greater_equal, greater, equal, in };
  /// One step of a computation in reverse Polish order.
  struct Step {
    Op op = Op::number;
    double number = 0;
    std::string key;
    std::size_t offset = 0;
  };
  using Program = std::vector<Step>;
  static std::expected<double, std::string> run(const Program&, const nlohmann::ordered_json& summary);

  std::string text_;
  Program left_, right_, upper_;  // `upper_` only with `in`.
  Relation relation_ = Relation::equal;
};

/// The keys of summary.json that are numbers or truth values: those that an expectation may name.
std::vector<std::string> expectation_keys();

/// Evaluates all; a text that does not parse (the loader lets none through) fails with its message.
std::vector<ExpectationResult> evaluate_expectations(std::span<const std::string> texts,
                                                     const nlohmann::ordered_json& summary);

/// The list `expect` of summary.json: text, measured (or null), ok, and message where there is one.
nlohmann::ordered_json to_json(std::span<const ExpectationResult>);

}  // namespace cicada::sim
