#include "svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

namespace cicada::sim::report {
namespace {

// Units of the viewBox. A card is about 500 pixels wide on a desk and 350 on a phone, where the style enlarges the
// text; the margins leave room for the enlarged one.
constexpr double width = 480;
constexpr double height = 262;
constexpr double bottom_margin = 42;
constexpr double character_width = 7.4;
constexpr double label_gap = 16;

struct Frame {
  double left = 0;
  double right = 0;
  double top = 0;
  double bottom = 0;
};

/// Characters as a reader counts them: continuation bytes of UTF-8 take no room.
double text_width(std::string_view text) {
  const auto count = std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return static_cast<double>(count) * character_width;
}

std::ptrdiff_t named_lines(const Plot& plot) { return std::ranges::count(plot.lines, false, &PlotLine::theory); }

bool labels_fit(const Plot& plot) {
  return named_lines(plot) > 1 && named_lines(plot) <= 6 && std::ranges::all_of(plot.lines, [](const PlotLine& line) {
           return line.theory || text_width(line.label) <= 90;
         });
}

Frame frame_of(const Plot& plot, bool direct_labels) {
  double left = 0;
  for (const Tick& tick : plot.y.ticks) left = std::max(left, text_width(tick.label));
  double right = 16;
  if (direct_labels) {
    for (const PlotLine& line : plot.lines)
      if (!line.theory) right = std::max(right, text_width(line.label) + 24);
  }
  return {left + 10, width - right, plot.marks.empty() ? 12.0 : 24.0, height - bottom_margin};
}

std::string axes(const Plot& plot, const Frame& frame) {
  std::string svg;
  for (const Tick& tick : plot.y.ticks) {
    if (tick.label.empty()) continue;
    const double y = plot.y.place(tick.value);
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", frame.left, y, frame.right);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"end\">{}</text>", frame.left - 7, y + 4,
                       escape_html(tick.label));
  }
  svg += fmt::format("<path class=\"base\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", frame.left, frame.bottom, frame.right);
  double free_from = -1e9;
  for (const Tick& tick : plot.x.ticks) {
    const double x = plot.x.place(tick.value);
    const double half = text_width(tick.label) / 2;
    const bool numbered = !tick.label.empty() && x - half >= free_from;
    svg += fmt::format("<path class=\"base\" d=\"M{:.1f} {:.1f}v{}\"/>", x, frame.bottom, numbered ? 5 : 3);
    if (!numbered) continue;
    free_from = x + half + 6;
    const double middle = std::min(x, width - half - 1);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"mid\">{}</text>", middle, frame.bottom + 19,
                       escape_html(tick.label));
  }
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"mid soft\">{}</text>", (frame.left + frame.right) / 2,
                     height - 5, escape_html(plot.x_title));
  return svg;
}

std::string colour_class(const PlotLine& line) {
  return line.bound ? "bound" : fmt::format("s{}{}", line.colour % 8, line.theory ? " theory" : "");
}

double shifted(const Plot& plot, std::size_t line, double x) {
  if (!plot.spread || plot.lines[line].bound || plot.lines[line].theory) return x;
  return x + (static_cast<double>(line) - static_cast<double>(named_lines(plot) - 1) / 2) * 5;
}

std::string line_path(const Plot& plot, std::size_t index, const Frame& frame) {
  const PlotLine& line = plot.lines[index];
  std::string path;
  std::string area;
  std::string dots;
  std::string whiskers;
  const auto known = [&](std::size_t i) { return i < line.ys.size() && std::isfinite(line.ys[i]); };
  double run_begin = 0;
  for (std::size_t i = 0; i < line.ys.size(); ++i) {
    if (!known(i)) continue;
    const double x = shifted(plot, index, plot.x.place(plot.xs[i]));
    const double y = plot.y.place(line.ys[i]);
    const bool begins = i == 0 || !known(i - 1);
    const bool ends = !known(i + 1);
    if (begins) run_begin = x;
    path += fmt::format("{}{:.1f} {:.1f}", begins ? 'M' : 'L', x, y);
    area += begins ? fmt::format("M{:.1f} {:.1f}V{:.1f}", x, frame.bottom, y) : fmt::format("L{:.1f} {:.1f}", x, y);
    if (ends) area += fmt::format("V{:.1f}H{:.1f}Z", frame.bottom, run_begin);
    if ((plot.dots && !line.bound && !line.theory) || (begins && ends)) {
      dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"/>", x, y, plot.dots ? 3.4 : 1.8);
    }
    if (i < line.intervals.size() && line.intervals[i].known()) {
      const double low = plot.y.place(std::max(line.intervals[i].low, plot.y.low));
      const double high = plot.y.place(std::min(line.intervals[i].high, plot.y.high));
      whiskers += fmt::format("M{:.1f} {:.1f}V{:.1f}M{:.1f} {:.1f}h7M{:.1f} {:.1f}h7", x, low, high, x - 3.5, low,
                              x - 3.5, high);
    }
  }
  std::string svg = fmt::format("<g class=\"{}\">", colour_class(line));
  const bool fills = plot.connected && plot.lines.size() == 1 && plot.y.low == 0 && !plot.dots;
  if (fills) svg += fmt::format("<path class=\"area\" d=\"{}\"/>", area);
  if (!whiskers.empty()) svg += fmt::format("<path class=\"whisker\" d=\"{}\"/>", whiskers);
  if (plot.connected) svg += fmt::format("<path class=\"line\" d=\"{}\"/>", path);
  return svg + dots + "</g>";
}

/// Names at the right end of their lines, moved apart where lines end close to one another.
std::string end_labels(const Plot& plot, const Frame& frame) {
  struct Label {
    double x, y, text_y;
    std::size_t line;
  };
  std::vector<Label> labels;
  for (std::size_t i = 0; i < plot.lines.size(); ++i) {
    if (plot.lines[i].theory) continue;
    const std::vector<double>& ys = plot.lines[i].ys;
    std::size_t last = ys.size();
    while (last > 0 && !std::isfinite(ys[last - 1])) --last;
    if (last == 0) continue;
    const double y = plot.y.place(ys[last - 1]);
    labels.push_back({shifted(plot, i, plot.x.place(plot.xs[last - 1])), y, y, i});
  }
  std::ranges::sort(labels, {}, [](const Label& label) { return std::pair(label.y, label.line); });
  for (std::size_t i = 1; i < labels.size(); ++i) {
    labels[i].text_y = std::max(labels[i].text_y, labels[i - 1].text_y + label_gap);
  }
  double limit = frame.bottom;
  for (std::size_t i = labels.size(); i-- > 0; limit = labels[i].text_y - label_gap) {
    labels[i].text_y = std::min(labels[i].text_y, limit);
  }
  std::string svg;
  for (const Label& label : labels) {
    const PlotLine& line = plot.lines[label.line];
    svg += fmt::format("<g class=\"{}\"><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.4\"/>", colour_class(line), label.x,
                       label.y);
    // The stroke before the name tells whose it is where several lines end in one place.
    svg += fmt::format(
        "<path class=\"line\" d=\"M{:.1f} {:.1f}h7\"/><text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text></g>",
        frame.right + 9, label.text_y, frame.right + 20, label.text_y + 4, escape_html(line.label));
  }
  return svg;
}

std::string bars_and_marks(const Plot& plot, const Frame& frame) {
  std::string svg = "<g class=\"s0\">";
  for (const PlotBar& bar : plot.bars) {
    const double left = plot.x.place(bar.low);
    const double right = plot.x.place(bar.high);
    const double gap = right - left > 6 ? 1.0 : 0.0;
    const double top = plot.y.place(bar.height);
    svg += fmt::format("<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>", left + gap,
                       top, std::max(0.5, right - left - 2 * gap), frame.bottom - top);
  }
  svg += "</g>";
  double free_from = frame.left;
  for (const PlotMark& mark : plot.marks) {
    if (mark.x < plot.x.low || mark.x > plot.x.high) continue;
    const double x = plot.x.place(mark.x);
    const double half = text_width(mark.label) / 2;
    svg += fmt::format("<path class=\"mark\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>", x, frame.top - 4, frame.bottom);
    const double middle = std::clamp(x, free_from + half, std::max(free_from + half, width - half));
    free_from = middle + half + 6;
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"mid name\">{}</text>", middle, frame.top - 9,
                       escape_html(mark.label));
  }
  return svg;
}

std::string figure_or_label(const Plot& plot, std::size_t i) {
  return plot.x_labels.empty() ? format_figure(plot.xs[i], plot.x_unit) : plot.x_labels[i];
}

/// What the script of the page shows under the pointer: positions and texts, ready to print.
std::string read_out(const Plot& plot) {
  nlohmann::json data = {
      {"p", nlohmann::json::array()}, {"x", nlohmann::json::array()}, {"s", nlohmann::json::array()}};
  const auto position = [](double x) { return std::round(x * 10) / 10; };
  for (std::size_t i = 0; i < plot.xs.size(); ++i) {
    data["p"].push_back(position(plot.x.place(plot.xs[i])));
    data["x"].push_back(figure_or_label(plot, i));
  }
  for (const PlotLine& line : plot.lines) {
    nlohmann::json texts = nlohmann::json::array();
    for (std::size_t i = 0; i < line.ys.size(); ++i) {
      std::string text = format_figure(line.ys[i], plot.y_unit);
      if (i < line.intervals.size() && line.intervals[i].known()) {
        text += fmt::format(" ({} to {})", format_figure(line.intervals[i].low, plot.y_unit),
                            format_figure(line.intervals[i].high, plot.y_unit));
      }
      texts.push_back(std::move(text));
    }
    data["s"].push_back({plot.lines.size() > 1 ? line.label : "", colour_class(line), std::move(texts)});
  }
  if (!plot.bars.empty()) {
    nlohmann::json texts = nlohmann::json::array();
    for (const PlotBar& bar : plot.bars) {
      data["p"].push_back(position(plot.x.place((bar.low + bar.high) / 2)));
      data["x"].push_back(bar.label);
      texts.push_back(format_figure(bar.height, plot.y_unit));
    }
    data["s"].push_back({"", "s0", std::move(texts)});
  }
  return data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string legend(const Plot& plot) {
  std::string html = "<ul class=\"legend\">";
  if (!plot.legend_title.empty()) html += fmt::format("<li class=\"soft\">{}</li>", escape_html(plot.legend_title));
  for (const PlotLine& line : plot.lines) {
    if (line.theory) continue;
    html += fmt::format("<li class=\"{}\"><i></i>{}</li>", colour_class(line), escape_html(line.label));
  }
  return html + "</ul>";
}

}  // namespace

std::string plot_figure(const Plot& original) {
  Plot plot = original;
  const bool direct_labels = labels_fit(plot);
  const Frame frame = frame_of(plot, direct_labels);
  plot.x.from = frame.left;
  plot.x.to = frame.right;
  plot.y.from = frame.bottom;
  plot.y.to = frame.top;
  std::string html = "<figure class=\"card plot\"><figcaption><h3>" + escape_html(plot.title) + "</h3><p>" +
                     escape_html(plot.note) + "</p></figcaption>";
  if (named_lines(plot) > 1 && !direct_labels) html += legend(plot);
  html += fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" data-plot=\"{}\">", width, height,
                      escape_html(plot.title + ". " + plot.note), escape_html(read_out(plot)));
  html += axes(plot, frame) + bars_and_marks(plot, frame);
  for (std::size_t i = 0; i < plot.lines.size(); ++i) html += line_path(plot, i, frame);
  if (direct_labels) html += end_labels(plot, frame);
  html += fmt::format("<path class=\"cursor\" d=\"M0 {:.1f}V{:.1f}\"/>", frame.top, frame.bottom);
  return html + "</svg><output class=\"readout\"></output></figure>\n";
}

void thin_out(std::vector<double>& xs, std::vector<PlotLine>& lines, std::size_t points_max) {
  const std::size_t stretches = points_max / 2;
  if (xs.size() <= points_max || stretches == 0) return;
  std::vector<double> thin_xs;
  std::vector<PlotLine> thin_lines = lines;
  for (PlotLine& line : thin_lines) line.ys.clear();
  for (std::size_t stretch = 0; stretch < stretches; ++stretch) {
    const std::size_t begin = stretch * xs.size() / stretches;
    const std::size_t end = (stretch + 1) * xs.size() / stretches;
    thin_xs.insert(thin_xs.end(), {xs[begin], xs[begin + (end - begin) / 2]});
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::vector<double>& ys = lines[i].ys;
      std::size_t least = end;
      std::size_t most = end;
      for (std::size_t j = begin; j < end; ++j) {
        if (!std::isfinite(ys[j])) continue;
        if (least == end || ys[j] < ys[least]) least = j;
        if (most == end || ys[j] > ys[most]) most = j;
      }
      const double nothing = std::numeric_limits<double>::quiet_NaN();
      thin_lines[i].ys.push_back(least == end ? nothing : ys[std::min(least, most)]);
      thin_lines[i].ys.push_back(least == end ? nothing : ys[std::max(least, most)]);
    }
  }
  xs = std::move(thin_xs);
  lines = std::move(thin_lines);
}

}  // namespace cicada::sim::report
