#pragma once
/// The quantile function of the standard normal distribution, equal bit for bit wherever `double` is IEEE 754 and the
/// mathematical library is the same. The standard library's distributions differ between implementations.

namespace cicada::sim {

/// x with Phi(x) = p, to about 1e-15 relative. Precondition: 0 < p < 1.
/// Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988), 477-484.
[[nodiscard]] double normal_quantile(double p);

}  // namespace cicada::sim
