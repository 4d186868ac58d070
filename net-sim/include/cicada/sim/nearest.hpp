#pragma once
/// The name that somebody probably meant: for misspelt keys of scenarios and options of commands.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cicada::sim {

/// The known name with the smallest edit distance (insert, delete, replace, swap of neighbours), when that is small
/// enough to be a slip: at most a third of the length, and at least 1. The first one wins a tie.
std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> known);

/// `expected one of: a, b, c`, and `; did you mean 'b'?` where one is near.
std::string expected_one_of(std::string_view found, std::span<const std::string_view> known);

}  // namespace cicada::sim
