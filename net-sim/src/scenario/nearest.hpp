#pragma once
// The public header; this name is kept for the sources beside it.
#include <cicada/sim/nearest.hpp>
