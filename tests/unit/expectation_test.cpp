// Expectations compute on a summary what a person would, and tell exactly what is wrong with a text that is none.

#include <cicada/sim/expectation.hpp>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

namespace {

using namespace cicada::sim;

nlohmann::ordered_json summary() {
  return nlohmann::ordered_json::parse(R"({
    "simulated_s": 1800, "peers": {"end": 1024}, "ring": {"ideal": true, "violations": 0},
    "lookups": {"count": 2000, "wrong": 1, "failed": 3, "path": {"mean": 4.9}, "latency_ms": {"p50": 180.5, "p99": null}},
    "sends": {"count": 1000, "delivered": 996}, "traffic": {"bytes_per_peer_s": 90}, "digest": "abc"})");
}

ExpectationResult evaluate(const std::string& text) {
  const auto parsed = Expectation::parse(text);
  INFO(text << ": " << (parsed ? "" : parsed.error().message));
  REQUIRE(parsed.has_value());
  return parsed->evaluate(summary());
}

TEST_CASE("true expectations hold and false ones don't") {
  for (const char* text : {"lookups.path.mean in [4.8, 4.95]",
                           "lookups.path.mean in [4.9, 4.9]",
                           "delivered >= 99.5%",
                           "ring.violations == 0",
                           "lookups.failed <= 3",
                           "lookups.latency_ms.p50 < 200",
                           "lookups.latency_ms.p50 < 0.2 s",
                           "lookups.latency_ms.p50 > 180ms",
                           "lookups.wrong / lookups.count <= 0.1%",
                           "simulated_s == 30min",
                           "ring.ideal == true",
                           "abs(lookups.path.mean - 0.5 * log2(peers.end)) < 0.2",
                           "sqrt(peers.end) == 32",
                           "1 + 2 * 3 == 7",
                           "(1 + 2) * 3 == 9",
                           "10 - 4 - 3 == 3",
                           "8 / 4 / 2 == 1",
                           "-2 + 5 == 3",
                           "2 - -1 == 3",
                           "lookups.path.mean in [0.5 * log2(peers.end) - 0.2, 0.5 * log2(peers.end)]",
                           "traffic.bytes_per_peer_s < 300"}) {
    INFO(text);
    CHECK(evaluate(text).ok);
  }
  for (const char* text : {"lookups.path.mean in [4.91, 5]", "lookups.path.mean in [4, 4.89]", "delivered > 99.6%",
                           "ring.violations > 0", "lookups.failed < 3", "ring.ideal == false", "peers.end == 1023"}) {
    INFO(text);
    const ExpectationResult result = evaluate(text);
    CHECK_FALSE(result.ok);
    CHECK(result.measured.has_value());
    CHECK(result.message.empty());
  }
}

TEST_CASE("the measured figure is the left side") {
  CHECK(evaluate("delivered >= 99.5%").measured == 0.996);
  CHECK(evaluate("lookups.wrong / lookups.count <= 0.1%").measured == 0.0005);
  CHECK(evaluate("lookups.failed <= 3").text == "lookups.failed <= 3");
}

TEST_CASE("what can't be computed fails with its reason") {
  const auto message = [](const char* text) {
    const ExpectationResult result = evaluate(text);
    CHECK_FALSE(result.ok);
    return result.message;
  };
  CHECK(message("ring.foo == 0") == "no 'ring.foo' in the summary");
  CHECK(message("lookups.latency_ms.p99 < 1") == "'lookups.latency_ms.p99' was not measured");
  CHECK(message("digest == 1") == "'digest' is no number");
  CHECK(message("lookups == 1") == "'lookups' is no number");
  CHECK(message("lookups.count / ring.violations < 1") == "a division by zero");
  CHECK(message("1 < lookups.count / ring.violations") == "a division by zero");
  CHECK(message("log2(ring.violations) < 1") == "the logarithm of a number that is not positive");
}

TEST_CASE("a text that is no expectation is told with the place") {
  const auto error = [](const std::string& text) {
    const auto parsed = Expectation::parse(text);
    REQUIRE_FALSE(parsed.has_value());
    return std::to_string(parsed.error().offset) + ": " + parsed.error().message;
  };
  CHECK(error("delivered >") == "11: found the end, expected a key of the summary, a number or '('");
  CHECK(error("delivered") == "9: found the end, expected one of <= < >= > == in");
  CHECK(error("delivered = 1") == "10: found '= 1', expected one of <= < >= > == in");
  CHECK(error("delivered >= 99 percent") ==
        "16: found 'percent', expected a unit (%, ns, us, ms, s, min, h, d) or an operator");
  CHECK(error("peers.end in (1, 2)") == "13: found '(1, 2)', expected '['");
  CHECK(error("peers.end in [1, 2") == "18: found the end, expected ']'");
  CHECK(error("(peers.end == 2") == "11: found '== 2', expected ')'");
  CHECK(error("peers.end == 2 3") == "15: found '3', expected the end, or one of + - * /");
  CHECK(error("") == "0: found the end, expected a key of the summary, a number or '('");
  CHECK(error(std::string(1001, '1')) == "0: found an expectation of 1001 bytes, expected at most 1000");
  CHECK(error(std::string(40, '(')) == "32: found '((((((((', expected at most 32 levels");
  CHECK(error("lookups.latency_ms.p50 + simulated_s < 3 s") ==
        "39: found '3 s', expected a plain number, since keys in ms and in s stand together");
}

TEST_CASE("unknown keys are found before a run, with the nearest known one") {
  const std::vector<std::string> known = expectation_keys();
  CHECK_FALSE(Expectation::parse("delivered >= 99%")->check_keys(known).has_value());
  CHECK_FALSE(Expectation::parse("lookups.path.mean in [1, 2]")->check_keys(known).has_value());
  const auto error = Expectation::parse("0 == ring.violation")->check_keys(known);
  REQUIRE(error.has_value());
  CHECK(error->offset == 5);
  CHECK(error->message ==
        "found unknown key 'ring.violation', expected a number of summary.json; did you mean 'ring.violations'?");
  CHECK(Expectation::parse("digest == 0")->check_keys(known).has_value());
}

TEST_CASE("results become the list of the summary") {
  const std::vector<std::string> texts = {"ring.violations == 0", "ring.foo == 0"};
  const auto list = to_json(evaluate_expectations(texts, summary()));
  CHECK(list.dump() ==
        R"([{"text":"ring.violations == 0","measured":0.0,"ok":true},)"
        R"({"text":"ring.foo == 0","measured":null,"ok":false,"message":"no 'ring.foo' in the summary"}])");
}

TEST_CASE("any text of its letters parses or fails, and what parses can be evaluated") {
  REQUIRE(rc::check([] {
    const auto tokens = *rc::gen::container<std::vector<std::string>>(
        rc::gen::elementOf(std::vector<std::string>{"1",         "2%", "3ms",  "ring.violations",
                                                    "delivered", "+",  "-",    "*",
                                                    "/",         "(",  ")",    "in",
                                                    "[",         "]",  ",",    "<",
                                                    "<=",        "==", "log2", "abs"}));
    std::string text;
    for (const std::string& token : tokens) text += token + " ";
    if (const auto parsed = Expectation::parse(text)) {
      const ExpectationResult result = parsed->evaluate(summary());
      RC_ASSERT(!result.ok || result.measured.has_value());
    }
  }));
}

}  // namespace
