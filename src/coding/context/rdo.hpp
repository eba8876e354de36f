// Rate–distortion optimised quantisation: indices that minimise error + lambda · bits under the context coder's costs.
#pragma once

#include <cstdint>
#include <span>

#include "coding/coder.hpp"

namespace vaerans {

/// Whether there is a prior that knows what these bands' indices cost.
[[nodiscard]] bool can_optimize(const Pyramid& pyramid);
/// Bytes of Pyramid::work that optimize() needs.
[[nodiscard]] std::size_t optimize_work_bytes(std::span<const Subband> subbands) noexcept;

/// Replaces the rounded indices. Each coefficient, in coding order, takes its rounded index or the one nearer to zero,
/// whichever has the smaller (x/step − q)² + lambda · bits(q). The bits are those under the contexts decided so far;
/// what a choice means for later contexts is not counted (greedy). lambda is in units of step² per bit; the slope
/// of an ideal uniform quantiser at high rate is 2 ln 2 / 12 = 0.116. Requires can_optimize().
void optimize(std::span<const float> coefficients, float step, double lambda, const Pyramid& pyramid,
              std::span<std::int32_t> indices);

}  // namespace vaerans
