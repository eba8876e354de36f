// The scalar twin.
#include "kernels/context/weighted_row.hpp"

namespace vaerans::kernels {

void weighted_row_ref(std::span<const Tap> taps, std::ptrdiff_t shift, std::span<std::int32_t> out) noexcept {
  for (std::size_t x = 0; x < out.size(); ++x) {
    for (const Tap& tap : taps) out[x] += tap.weight * tap.at[shift + static_cast<std::ptrdiff_t>(x)];
  }
}

}  // namespace vaerans::kernels
