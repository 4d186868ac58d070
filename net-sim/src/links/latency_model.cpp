#include <cicada/sim/latency_model.hpp>

#include <variant>

#include "links/models.hpp"

namespace cicada::sim {

std::expected<std::unique_ptr<LatencyModel>, std::string> make_latency_model(const LinkModel& links,
                                                                             std::uint64_t seed) {
  return std::visit([seed](const auto& model) { return make_model(model, seed); }, links);
}

}  // namespace cicada::sim
