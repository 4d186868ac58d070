// The grammar of expectations, by recursive descent; see the head of expectation.hpp.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <cicada/sim/expectation.hpp>

#include "yaml_tree.hpp"

namespace cicada::sim {
namespace {

constexpr std::size_t length_max = 1000;
constexpr int depth_max = 32;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

class ExpectationParser {
 public:
  explicit ExpectationParser(std::string_view text) : text_(text) {}

  std::expected<Expectation, ExpectationError> parse() {
    try {
      Expectation result;
      result.text_ = std::string(text_);
      sum(result.left_);
      relation(result);
      blanks();
      if (at_ != text_.size()) fail("the end, or one of + - * /");
      convert_times(result);
      return result;
    } catch (const ExpectationError& error) {
      return std::unexpected(error);
    }
  }

 private:
  using Op = Expectation::Op;
  using Relation = Expectation::Relation;
  using Program = Expectation::Program;

  struct Unit {
    std::string_view name;
    double factor;  // To one, or to seconds.
    bool time;
  };
  static constexpr std::array<Unit, 8> units = {{{"%", 0.01, false},
                                                 {"ns", 1e-9, true},
                                                 {"us", 1e-6, true},
                                                 {"ms", 1e-3, true},
                                                 {"s", 1, true},
                                                 {"min", 60, true},
                                                 {"h", 3600, true},
                                                 {"d", 86400, true}}};

  [[noreturn]] void fail(std::string_view expected) {
    blanks();
    const std::string found = at_ == text_.size() ? "the end" : quote(text_.substr(at_), 20);
    throw ExpectationError{at_, fmt::format("found {}, expected {}", found, expected)};
  }

  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  bool accept(std::string_view token) {
    blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  /// A word of letters, digits, `_`, and dots between them; empty when there is none.
  std::string_view word() {
    blanks();
    const std::size_t begin = at_;
    if (at_ < text_.size() && is_letter(text_[at_])) {
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  void push(Program& program, Op op, double number = 0) {
    program.push_back({.op = op, .number = number, .key = {}, .offset = at_});
  }

  void sum(Program& program) {
    product(program);
    for (;;) {
      const bool plus = accept("+");
      if (!plus && !accept("-")) return;
      product(program);
      push(program, plus ? Op::add : Op::subtract);
    }
  }

  void product(Program& program) {
    factor(program);
    for (;;) {
      const bool times = accept("*");
      if (!times && !accept("/")) return;
      factor(program);
      push(program, times ? Op::multiply : Op::divide);
    }
  }

  void factor(Program& program) {
    if (++depth_ > depth_max) fail(fmt::format("at most {} levels", depth_max));
    blanks();
    if (accept("-")) {
      factor(program);
      push(program, Op::negate);
    } else if (accept("(")) {
      sum(program);
      if (!accept(")")) fail("')'");
    } else if (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) {
      number(program);
    } else {
      name(program);
    }
    --depth_;
  }

  void number(Program& program) {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{} || !std::isfinite(value)) fail("a number");
    const std::size_t begin = at_;
    at_ = static_cast<std::size_t>(end - text_.data());
    bool time = false;
    // `in` is the relation, all other words behind a number are its unit.
    const std::size_t behind = at_;
    const std::string_view name = accept("%") ? "%" : word();
    if (name == "in") {
      at_ = behind;
    } else if (!name.empty()) {
      const auto* unit = std::ranges::find(units, name, &Unit::name);
      if (unit == units.end()) {
        at_ = behind;
        fail("a unit (%, ns, us, ms, s, min, h, d) or an operator");
      }
      value *= unit->factor;
      time = unit->time;
    }
    if (time) times_.push_back({&program, program.size()});
    program.push_back({.op = Op::number, .number = value, .key = {}, .offset = begin});
  }

  void name(Program& program) {
    blanks();
    const std::size_t begin = at_;
    const std::string key(word());
    if (key.empty() || key == "in") {
      at_ = begin;
      fail("a key of the summary, a number or '('");
    }
    if (key == "true" || key == "false") return push(program, Op::number, key == "true" ? 1 : 0);
    if (key == "abs" || key == "sqrt" || key == "log2") {
      if (!accept("(")) fail("'('");
      sum(program);
      if (!accept(")")) fail("')'");
      return push(program, key == "abs" ? Op::abs : key == "sqrt" ? Op::sqrt : Op::log2);
    }
    if (key == "delivered") {
      program.push_back({.op = Op::key, .number = 0, .key = "sends.delivered", .offset = begin});
      program.push_back({.op = Op::key, .number = 0, .key = "sends.count", .offset = begin});
      return push(program, Op::divide);
    }
    program.push_back({.op = Op::key, .number = 0, .key = key, .offset = begin});
  }

  void relation(Expectation& result) {
    // Longer signs first, since one begins with the other.
    constexpr std::array<std::pair<std::string_view, Relation>, 5> signs = {{{"<=", Relation::less_equal},
                                                                             {">=", Relation::greater_equal},
                                                                             {"==", Relation::equal},
                                                                             {"<", Relation::less},
                                                                             {">", Relation::greater}}};
    for (const auto& [sign, relation] : signs) {
      if (!accept(sign)) continue;
      result.relation_ = relation;
      sum(result.right_);
      return;
    }
    blanks();
    const std::size_t begin = at_;
    if (word() != "in") {
      at_ = begin;
      fail("one of <= < >= > == in");
    }
    result.relation_ = Relation::in;
    if (!accept("[")) fail("'['");
    sum(result.right_);
    if (!accept(",")) fail("','");
    sum(result.upper_);
    if (!accept("]")) fail("']'");
  }

  /// Numbers with a unit of time are seconds until here; keys of milliseconds beside them want milliseconds.
  void convert_times(const Expectation& result) {
    bool ms = false;
    bool s = false;
    for (const Program* program : {&result.left_, &result.right_, &result.upper_}) {
      for (const auto& step : *program) {
        if (step.op != Op::key) continue;
        const bool is_ms = step.key.ends_with("_ms") || step.key.find("_ms.") != std::string::npos;
        ms = ms || is_ms;
        s = s || (!is_ms && step.key.ends_with("_s"));
      }
    }
    if (times_.empty() || !ms) return;
    if (s) {
      at_ = (*times_[0].first)[times_[0].second].offset;
      fail("a plain number, since keys in ms and in s stand together");
    }
    for (const auto& [program, index] : times_) (*program)[index].number *= 1000;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<std::pair<Program*, std::size_t>> times_;
};

std::expected<Expectation, ExpectationError> Expectation::parse(std::string_view text) {
  if (text.size() > length_max) {
    return std::unexpected(ExpectationError{
        0, fmt::format("found an expectation of {} bytes, expected at most {}", text.size(), length_max)});
  }
  return ExpectationParser(text).parse();
}

}  // namespace cicada::sim
