#include "store/blob/fit/samples.hpp"

#include <algorithm>

namespace vaerans::blob {
namespace {

class Sampler {
 public:
  Sampler(std::span<const float> x, const Header& h) : x_(x), g_(h.geometry), steps_(steps_of(h)) {}
  [[nodiscard]] Samples run(std::uint64_t most) {
    choose_places(most);
    Samples out;
    out.n_low = places_.size();
    out.n_details = g_.haar ? 3 * out.n_low : 0;
    out.low.resize(out.n_low * g_.channels);
    out.details.resize(out.n_details * g_.channels);
    for (std::uint64_t c = 0; c < g_.channels; ++c)
      g_.haar ? take_bands(c, out.low.data() + c * out.n_low, out.details.data() + c * out.n_details)
              : take(c, out.low.data() + c * out.n_low);
    return out;
  }

 private:
  /// A number, by its place in the rows of channel 0; with Haar it is the first of two by two.
  void choose_places(std::uint64_t most) {
    const std::uint64_t in_row = g_.haar ? g_.planes * (g_.height / 2) * (g_.width / 2) : g_.row_size;
    const std::uint64_t all = g_.rows / g_.channels * in_row, n = std::min(all, most);
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t cell = i * all / n, at = cell % in_row;
      const std::uint64_t first = cell / in_row * g_.channels * g_.row_size;
      places_.push_back(first + (g_.haar ? in_bands(at) : at));
    }
  }
  [[nodiscard]] std::uint64_t in_bands(std::uint64_t cell) const {
    const std::uint64_t wide = g_.width / 2, high = g_.height / 2, y = cell / wide;
    return (y / high * g_.height + y % high * 2) * g_.width + cell % wide * 2;
  }
  void take(std::uint64_t c, float* out) const {
    const float inverse = inverse_step(c), center = steps_.center[c];
    const float* const from = x_.data() + c * g_.row_size;
    for (const std::uint64_t place : places_) *out++ = (from[place] - center) * inverse;
  }
  void take_bands(std::uint64_t c, float* low, float* details) const {
    const float half = inverse_step(c) * 0.5F, center = 4 * steps_.center[c];
    const float* const from = x_.data() + c * g_.row_size;
    for (const std::uint64_t place : places_) {
      const float p = from[place], q = from[place + 1], r = from[place + g_.width], s = from[place + g_.width + 1];
      *low++ = (p + q + r + s - center) * half;
      *details++ = (p - q + r - s) * half;
      *details++ = (p + q - r - s) * half;
      *details++ = (p - q - r + s) * half;
    }
  }
  [[nodiscard]] float inverse_step(std::uint64_t c) const { return steps_.step[c] == 0 ? 0 : 1 / steps_.step[c]; }

  std::span<const float> x_;
  const Geometry& g_;
  Steps steps_;
  RecycledVector<std::uint64_t> places_;
};

}  // namespace

Samples samples_of(std::span<const float> x, const Header& header, std::uint64_t most) {
  return Sampler(x, header).run(most);
}

}  // namespace vaerans::blob
