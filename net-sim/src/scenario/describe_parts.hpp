#pragma once
/// Parts of a description that several sections share.

#include "scalars.hpp"
#include "schema.hpp"

namespace cicada::sim {

/// The keys of any distribution that is drawn from; exactly one of them.
void describe_any_distribution(Visitor& v, Distribution& distribution);

/// `start` and `stop` of whatever has both.
template <class Activity>
void describe_span(Visitor& v, Activity& activity) {
  v.scalar({.name = "start", .about = "From then on"}, time_scalar(activity.start));
  v.scalar({.name = "stop", .about = "Until then", .default_text = "the end"}, time_scalar(activity.stop, tick));
}

}  // namespace cicada::sim
