#include <cmath>
#include <numbers>
#include <utility>

#include <cicada/sim/scenario_events.hpp>

namespace cicada::sim {

double scale_s(const Distribution& distribution) {
  const double value_s = std::chrono::duration<double>(distribution.value).count();
  const double shape = distribution.shape;
  const bool median = distribution.center == Distribution::Center::median;
  switch (distribution.kind) {
    case Distribution::Kind::fixed:
      return value_s;
    case Distribution::Kind::exponential:
      return median ? value_s / std::numbers::ln2 : value_s;
    case Distribution::Kind::weibull:
      return value_s / (median ? std::pow(std::numbers::ln2, 1 / shape) : std::tgamma(1 + 1 / shape));
    case Distribution::Kind::pareto:
      return median ? value_s / std::pow(2.0, 1 / shape) : value_s * (shape - 1) / shape;
  }
  std::unreachable();
}

}  // namespace cicada::sim
