// A few of an array's numbers, to judge by what suits it.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "store/blob/header.hpp"

namespace vaerans::blob {

/// Numbers of some places in steps, channel by channel. With Haar a place is one of the bands': `low` has LL, `details`
/// HL, LH and HH in turn; without it all are in `low`.
struct Samples {
  RecycledVector<float> low, details;
  std::uint64_t n_low = 0, n_details = 0;
};

/// At most so many places, evenly spread. Constant channels have zeros.
[[nodiscard]] Samples samples_of(std::span<const float> x, const Header& header, std::uint64_t most);

}  // namespace vaerans::blob
