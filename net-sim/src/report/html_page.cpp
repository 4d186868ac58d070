#include "html_page.hpp"

#include <fmt/format.h>

#include "page_style.hpp"

namespace cicada::sim::report {
using nlohmann::ordered_json;
namespace {

// Everything is inline; the policy makes the browser hold us to it, whatever a scenario's text contains.
constexpr std::string_view content_policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

void collect(const ordered_json& value, const std::string& path, std::vector<Leaf>& found) {
  if (!value.is_structured()) {
    found.push_back({path, value});
    return;
  }
  std::size_t position = 0;
  for (const auto& item : value.items()) {
    const std::string name = value.is_array() ? std::to_string(position++) : item.key();
    collect(item.value(), path.empty() ? name : path + "." + name, found);
  }
}

}  // namespace

std::string html_page(std::string_view title, std::string_view kicker, std::string_view body_html) {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", content_policy);
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html +=
      fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n", escape_html(title), page_style);
  html += fmt::format("<p class=\"kicker\">{}</p>\n", escape_html(kicker));
  html += body_html;
  html += fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", page_script);
  return html;
}

std::string badge(Verdict verdict, std::string_view text) {
  constexpr std::string_view names[] = {"good", "bad", "caution"};
  constexpr std::string_view signs[] = {"\u2713", "\u2717", "!"};
  const auto i = static_cast<std::size_t>(verdict);
  return fmt::format("<span class=\"badge {}\">{} {}</span>", names[i], signs[i], escape_html(text));
}

std::string tile(std::string_view label, std::string_view figure, std::string_view below) {
  return fmt::format(
      "<div class=\"card tile\"><dt>{}</dt><dd><div class=\"figure\">{}</div><div "
      "class=\"below\">{}</div></dd></div>\n",
      escape_html(label), escape_html(figure), escape_html(below));
}

std::string section(std::string_view title, std::string_view content_html) {
  if (content_html.empty()) return {};
  return fmt::format("<section><h2>{}</h2>\n{}</section>\n", escape_html(title), content_html);
}

std::string folded(std::string_view title, std::string_view content_html) {
  return fmt::format("<details class=\"card\"><summary>{}</summary><div>{}</div></details>\n", escape_html(title),
                     content_html);
}

std::string how_to_repeat(const ordered_json& manifest, std::string_view seed, std::string_view digest) {
  std::string html = "<div class=\"card repeat\">";
  const std::string command = text_at(manifest, "command");
  if (!command.empty()) html += fmt::format("<pre class=\"wrap\">{}</pre>", escape_html(command));
  html += "<p style=\"padding-top:0\">";
  if (!digest.empty()) {
    html += fmt::format("Equal seeds give equal digests: seed <code>{}</code> must give <code>{}</code>. ",
                        escape_html(seed), escape_html(digest));
  }
  html += "The scenario with every default filled in is below and in <code>manifest.json</code>.";
  for (const auto& [key, words] :
       {std::pair{"commit", "Commit"}, std::pair{"compiler", "compiler"}, std::pair{"build", "build"}}) {
    const std::string text = text_at(manifest, key);
    if (!text.empty())
      html +=
          fmt::format("{}{} <code>{}</code>", key == std::string_view("commit") ? " " : ", ", words, escape_html(text));
  }
  return html + "</p></div>\n";
}

std::string manifest_part(const ordered_json& manifest) {
  const std::string text = manifest.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  return folded("Manifest: the scenario with every default, and the program",
                fmt::format("<pre>{}</pre>", escape_html(text)));
}

const ordered_json& value_at(const ordered_json& object, std::string_view path) {
  static const ordered_json nothing;
  const ordered_json* value = &object;
  while (true) {
    const std::size_t dot = path.find('.');
    if (!value->is_object()) return nothing;
    const auto found = value->find(std::string(path.substr(0, dot)));
    if (found == value->end()) return nothing;
    value = &*found;
    if (dot == std::string_view::npos) return *value;
    path.remove_prefix(dot + 1);
  }
}

std::optional<double> number_at(const ordered_json& object, std::string_view path) {
  const ordered_json& value = value_at(object, path);
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

std::string text_at(const ordered_json& object, std::string_view path) {
  const ordered_json& value = value_at(object, path);
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::vector<Leaf> leaves(const ordered_json& object) {
  std::vector<Leaf> found;
  collect(object, "", found);
  return found;
}

}  // namespace cicada::sim::report
