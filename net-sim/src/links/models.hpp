#pragma once
/// One factory per latency model, for make_latency_model only.

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include <cicada/sim/latency_model.hpp>
#include <cicada/sim/scenario_links.hpp>

namespace cicada::sim {

using MadeModel = std::expected<std::unique_ptr<LatencyModel>, std::string>;

MadeModel make_model(const ConstantLinks& links, std::uint64_t seed);
MadeModel make_model(const UniformLinks& links, std::uint64_t seed);
MadeModel make_model(const LognormalLinks& links, std::uint64_t seed);
MadeModel make_model(const EuclideanLinks& links, std::uint64_t seed);
MadeModel make_model(const RegionLinks& links, std::uint64_t seed);
MadeModel make_model(const TransitStubLinks& links, std::uint64_t seed);
MadeModel make_model(const GraphLinks& links, std::uint64_t seed);
MadeModel make_model(const MatrixLinks& links, std::uint64_t seed);
MadeModel make_model(const ExponentialLinks& links, std::uint64_t seed);

}  // namespace cicada::sim
