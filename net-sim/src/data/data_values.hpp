#pragma once
/// Bare numbers and times as data files hold them.

#include <optional>
#include <string>
#include <string_view>

#include <cicada/sim/trace_file.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

/// A decimal number, negative, infinite or not a number as well; the whole text. What is too large is infinite.
[[nodiscard]] std::optional<double> number_of(std::string_view text);

/// us, ms or s.
[[nodiscard]] std::string_view name_of(TimeUnit unit);
[[nodiscard]] double ns_in(TimeUnit unit);

/// In the unit, as a short number behind which its name stands: `1.5 s`.
[[nodiscard]] std::string text_in(TimeUnit unit, Duration time);

}  // namespace cicada::sim
