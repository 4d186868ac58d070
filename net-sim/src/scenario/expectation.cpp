#include <cicada/sim/expectation.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <cicada/sim/nearest.hpp>
#include <cicada/sim/run_result.hpp>

namespace cicada::sim {
namespace {

/// The value at a dotted path, or null.
const nlohmann::ordered_json* find_path(const nlohmann::ordered_json& summary, std::string_view path) {
  const nlohmann::ordered_json* node = &summary;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    const std::string part(path.substr(start, end - start));
    if (!node->is_object() || !node->contains(part)) return nullptr;
    node = &(*node)[part];
    start = end + 1;
  }
  return node;
}

std::expected<double, std::string> measured(const nlohmann::ordered_json& summary, const std::string& key) {
  const auto* value = find_path(summary, key);
  if (value == nullptr) return std::unexpected(fmt::format("no '{}' in the summary", key));
  if (value->is_boolean()) return value->get<bool>() ? 1.0 : 0.0;
  if (value->is_number()) return value->get<double>();
  if (value->is_null()) return std::unexpected(fmt::format("'{}' was not measured", key));
  return std::unexpected(fmt::format("'{}' is no number", key));
}

double take(std::vector<double>& stack) {
  const double value = stack.back();
  stack.pop_back();
  return value;
}

}  // namespace

std::expected<double, std::string> Expectation::run(const Program& program, const nlohmann::ordered_json& summary) {
  std::vector<double> stack;
  for (const Step& step : program) {
    if (step.op == Op::number) {
      stack.push_back(step.number);
      continue;
    }
    if (step.op == Op::key) {
      const auto value = measured(summary, step.key);
      if (!value) return std::unexpected(value.error());
      stack.push_back(*value);
      continue;
    }
    const double right = take(stack);
    switch (step.op) {
      case Op::add:
        stack.push_back(take(stack) + right);
        break;
      case Op::subtract:
        stack.push_back(take(stack) - right);
        break;
      case Op::multiply:
        stack.push_back(take(stack) * right);
        break;
      case Op::divide:
        if (right == 0) return std::unexpected(std::string("a division by zero"));
        stack.push_back(take(stack) / right);
        break;
      case Op::negate:
        stack.push_back(-right);
        break;
      case Op::abs:
        stack.push_back(std::fabs(right));
        break;
      case Op::sqrt:
        if (right < 0) return std::unexpected(std::string("the square root of a negative number"));
        stack.push_back(std::sqrt(right));
        break;
      case Op::log2:
        if (right <= 0) return std::unexpected(std::string("the logarithm of a number that is not positive"));
        stack.push_back(std::log2(right));
        break;
      case Op::number:
      case Op::key:
        break;
    }
  }
  const double result = take(stack);
  if (!std::isfinite(result)) return std::unexpected(std::string("a result that is no finite number"));
  return result;
}

std::optional<ExpectationError> Expectation::check_keys(std::span<const std::string> known) const {
  std::vector<std::string_view> names(known.begin(), known.end());
  for (const Program* program : {&left_, &right_, &upper_}) {
    for (const Step& step : *program) {
      if (step.op != Op::key || std::ranges::find(names, step.key) != names.end()) continue;
      const auto near = nearest_name(step.key, names);
      return ExpectationError{step.offset,
                              fmt::format("found unknown key '{}', expected a number of summary.json{}", step.key,
                                          near ? fmt::format("; did you mean '{}'?", *near) : "")};
    }
  }
  return std::nullopt;
}

ExpectationResult Expectation::evaluate(const nlohmann::ordered_json& summary) const {
  ExpectationResult result{.text = text_, .measured = std::nullopt, .ok = false, .message = {}};
  const auto left = run(left_, summary);
  if (!left) {
    result.message = left.error();
    return result;
  }
  result.measured = *left;
  const auto right = run(right_, summary);
  const auto upper = relation_ == Relation::in ? run(upper_, summary) : right;
  if (!right || !upper) {
    result.message = !right ? right.error() : upper.error();
    return result;
  }
  switch (relation_) {
    case Relation::less_equal:
      result.ok = *left <= *right;
      break;
    case Relation::less:
      result.ok = *left < *right;
      break;
    case Relation::greater_equal:
      result.ok = *left >= *right;
      break;
    case Relation::greater:
      result.ok = *left > *right;
      break;
    case Relation::equal:
      result.ok = *left == *right;
      break;
    case Relation::in:
      result.ok = *left >= *right && *left <= *upper;
      break;
  }
  return result;
}

std::vector<std::string> expectation_keys() {
  std::vector<std::string> keys;
  for (const SummaryKey& key : summary_reference()) {
    if (key.unit != "text" && key.unit != "any" && key.key.find("[]") == std::string_view::npos) {
      keys.emplace_back(key.key);
    }
  }
  return keys;
}

std::vector<ExpectationResult> evaluate_expectations(std::span<const std::string> texts,
                                                     const nlohmann::ordered_json& summary) {
  std::vector<ExpectationResult> results;
  for (const std::string& text : texts) {
    if (const auto parsed = Expectation::parse(text)) {
      results.push_back(parsed->evaluate(summary));
    } else {
      results.push_back({.text = text, .measured = std::nullopt, .ok = false, .message = parsed.error().message});
    }
  }
  return results;
}

nlohmann::ordered_json to_json(std::span<const ExpectationResult> results) {
  auto list = nlohmann::ordered_json::array();
  for (const ExpectationResult& result : results) {
    nlohmann::ordered_json item;
    item["text"] = result.text;
    item["measured"] = result.measured ? nlohmann::ordered_json(*result.measured) : nlohmann::ordered_json();
    item["ok"] = result.ok;
    if (!result.message.empty()) item["message"] = result.message;
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace cicada::sim
