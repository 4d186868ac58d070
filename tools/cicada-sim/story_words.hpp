#pragma once
/// Values of a scenario as the stories write them.

#include <cstdint>
#include <string>

#include <cicada/sim/report_text.hpp>
#include <cicada/sim/units.hpp>

namespace cicada::tool {

inline std::string time(Duration duration) { return sim::format_duration(duration); }
inline std::string share(double ratio) { return sim::format_ratio(ratio); }
inline std::string count(std::uint64_t number) { return sim::report::format_count(static_cast<double>(number)); }

}  // namespace cicada::tool
