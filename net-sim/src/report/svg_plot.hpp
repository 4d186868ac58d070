#pragma once
/// One plot as a static, self-contained `<figure>` with inline SVG: lines with gaps and intervals, bars, marked
/// positions, labels at the line ends. Colours are classes `s0` to `s7` that the page's style defines, so that the same
/// plot serves light, dark and paper. What to plot is decided elsewhere.

#include <cstddef>
#include <string>
#include <vector>

#include <cicada/sim/statistics.hpp>

#include "axis_scale.hpp"

namespace cicada::sim::report {

/// A series over `Plot::xs`. NaN is a gap.
struct PlotLine {
  std::string label;
  std::vector<double> ys;
  std::vector<Interval> intervals;  ///< Empty, or one per point; drawn as whiskers.
  std::size_t colour = 0;           ///< 0 to 7; higher ones begin again.
  bool bound = false;               ///< What the others cannot pass: dashed, in the colour of text, without dots.
  bool theory = false;              ///< What is computed for the line of this colour: dotted, with no name of its own.
};

struct PlotBar {
  double low = 0;
  double high = 0;
  double height = 0;
  std::string label;  ///< What the bar stands for, in the read-out.
};

/// A vertical line with a word at its top.
struct PlotMark {
  double x = 0;
  std::string label;
};

/// Texts are plain; the drawing escapes them.
struct Plot {
  std::string title;
  std::string note;  ///< What is drawn, in which unit.
  Scale x;
  Scale y;
  std::string x_title;
  Unit x_unit = Unit::seconds;
  Unit y_unit = Unit::number;
  std::vector<double> xs;
  std::vector<std::string> x_labels;  ///< Instead of figures in the read-out; empty, or as many as `xs`.
  std::vector<PlotLine> lines;
  std::vector<PlotBar> bars;
  std::vector<PlotMark> marks;
  bool connected = true;  ///< False for categories, which have no between.
  bool dots = false;      ///< A dot at every point. A point between two gaps always has one.
  bool spread = false;    ///< Moves lines a little sideways from one another, so that their whiskers can be told apart.
  std::string legend_title;
};

/// The plot as HTML. Linear in its points.
[[nodiscard]] std::string plot_figure(const Plot& plot);

/// Reduces points to at most `points_max`, keeping the smallest and the largest of each stretch, so that no spike is
/// lost. `lines` share `xs`. Does nothing where there are few enough.
void thin_out(std::vector<double>& xs, std::vector<PlotLine>& lines, std::size_t points_max = 360);

}  // namespace cicada::sim::report
