// The values that a sample may take, and the classes of what is around it. Included once per instruction set like
// mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kernels/predict/plane_model.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// A class of a magnitude: `per_octave` an octave, 0 of 0.
HWY_INLINE int octave_class(int v, int per_octave) {
  if (v <= 0) return 0;
  const int octave = static_cast<int>(std::bit_width(static_cast<std::uint32_t>(v))) - 1;
  const int eighths = octave >= 3 ? v >> (octave - 3) & 7 : v << (3 - octave) & 7;
  return octave * per_octave + (eighths * per_octave >> 3) + 1;
}

// Nine classes of a signed difference.
HWY_INLINE int signed_class(int v) {
  const int a = std::abs(v);
  const int size = int{a >= 1} + int{a >= 3} + int{a >= 7} + int{a >= 15};
  return v < 0 ? 4 - size : 4 + size;
}

// -3..4 as 0..7, what is beyond at the ends.
HWY_INLINE int eighth(int v) { return std::clamp(v, -3, 4) + 3; }

// The values a sample may take: centre + j × step for j in [least, most], limited to 0..top in the end.
struct Grid {
  int center = 0, step = 1, error = 0, least = 0, most = 0, top = 255;

  HWY_INLINE Grid(int mean, int max_error, int highest)
      : center((mean + 32) >> 6), step(2 * max_error + 1), error(max_error), top(highest) {
    least = -center;
    most = top - center;
    if (max_error == 0) return;
    least = -((center + max_error) / step);
    most = (top - center + max_error) / step;
  }
  [[nodiscard]] HWY_INLINE int nearest(int value) const {
    const int d = value - center;
    if (error == 0) return d;
    return d >= 0 ? (d + error) / step : -((error - d) / step);
  }
  [[nodiscard]] HWY_INLINE int value(int j) const { return std::clamp(center + j * step, 0, top); }
};

// Classes of what is around a sample, which choose the counters, mixers and maps of its decisions.
template <class Strength>
struct SampleContext {
  int cross = 0, map = 0;
  std::array<int, kMixerSets> mixer{};
  std::array<int, Strength::kCounters> counter{};
};

// Residuals of a plane around a place, 1/4 of a grey level.
HWY_INLINE int cross_sum(const std::int32_t* r, std::ptrdiff_t stride) {
  return 4 * std::abs(r[0]) + std::abs(r[1]) + std::abs(r[stride]) + std::abs(r[-1]) + std::abs(r[-stride]);
}

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
