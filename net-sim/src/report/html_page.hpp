#pragma once
/// The skeleton of a report page and its building blocks. All texts that go in as `std::string_view` are escaped here;
/// parameters called `html` are markup that was made by us.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <cicada/sim/report_text.hpp>

namespace cicada::sim::report {

/// A whole page: `title` for the browser, `kicker` above the headline, then the body.
[[nodiscard]] std::string html_page(std::string_view title, std::string_view kicker, std::string_view body_html);

enum class Verdict { good, bad, caution };

/// A coloured label with a sign, so that colour is not the only sign.
[[nodiscard]] std::string badge(Verdict verdict, std::string_view text);

/// A key figure: a small label, the figure, a line below.
[[nodiscard]] std::string tile(std::string_view label, std::string_view figure, std::string_view below);

/// A section with a headline; nothing where the content is empty.
[[nodiscard]] std::string section(std::string_view title, std::string_view content_html);

/// A part that is folded until somebody opens it.
[[nodiscard]] std::string folded(std::string_view title, std::string_view content_html);

/// Commit, compiler and command from a manifest, with the seed and digest that a repetition must give.
[[nodiscard]] std::string how_to_repeat(const nlohmann::ordered_json& manifest, std::string_view seed,
                                        std::string_view digest);

/// The manifest as indented JSON in a folded part.
[[nodiscard]] std::string manifest_part(const nlohmann::ordered_json& manifest);

// Reading JSON that may lack anything.

/// The value at a dotted path, or null.
[[nodiscard]] const nlohmann::ordered_json& value_at(const nlohmann::ordered_json& object, std::string_view path);
/// The number at a dotted path; flags are 0 and 1. Nothing where there is none, or null, or another type.
[[nodiscard]] std::optional<double> number_at(const nlohmann::ordered_json& object, std::string_view path);
/// The value as plain text: strings without quotes, whole numbers in full, nothing for null.
[[nodiscard]] std::string text_at(const nlohmann::ordered_json& object, std::string_view path);

/// One leaf of an object under its dotted path; elements of arrays carry their position (`expect.0.ok`).
struct Leaf {
  std::string path;
  nlohmann::ordered_json value;
};
[[nodiscard]] std::vector<Leaf> leaves(const nlohmann::ordered_json& object);

}  // namespace cicada::sim::report
