#include "clock_text.hpp"

#include <fmt/core.h>

#include <cmath>

#include <cicada/swarm_error.hpp>

namespace cicada::node {

std::string difference_text(Duration ahead) {
  const double seconds = std::chrono::duration<double>(ahead).count();
  return fmt::format("{:.1f} s {}", std::abs(seconds), seconds < 0 ? "behind" : "ahead of");
}

std::string clock_text(const ClockReport& report) {
  if (report.compared == 0) return {};
  const double max = std::chrono::duration<double>(clock_difference_max).count();
  const std::string peers = fmt::format("{} peer{}", report.compared, report.compared == 1 ? "" : "s");
  const std::string median = fmt::format("this node's clock is {} that of ", difference_text(report.ahead));
  if (report.too_far == 0) return median + (report.compared == 1 ? "1 peer" : "the median of " + peers);
  if (!report.wrong())
    return fmt::format("{} of {} have clocks that differ from this node's by more than {:.0f} s, and no link with it",
                       report.too_far, peers, max);
  return median +
         fmt::format("{}; with more than {:.0f} s there is no link: set the clock of this machine, or of that one",
                     report.compared == 1 ? "the peer" : "the median of " + peers, max);
}

std::string failure_text(std::error_code error, const ClockReport& report) {
  if (error != SwarmError::wrong_clock || report.compared == 0) return error.message();
  return fmt::format("{}: {}", error.message(), clock_text(report));
}

}  // namespace cicada::node
