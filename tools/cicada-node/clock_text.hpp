#pragma once
/// What a person is told about a node's time of day.

#include <string>
#include <system_error>

#include <cicada/host_clock.hpp>

namespace cicada::node {

/// "120.0 s ahead of", "3600.0 s behind".
[[nodiscard]] std::string difference_text(Duration ahead);
/// How the clock compares with those of others, in a sentence. Empty before it was compared.
[[nodiscard]] std::string clock_text(const ClockReport& report);
/// Why a connection failed; where it was for the clocks, by how much they differ.
[[nodiscard]] std::string failure_text(std::error_code error, const ClockReport& report);

}  // namespace cicada::node
