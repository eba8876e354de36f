#include "store/blob/fit/split.hpp"

#include <algorithm>
#include <cmath>

#include "store/blob/fit/samples.hpp"
#include "store/blob/quantized/bank.hpp"
#include "store/blob/quantized/spreads.hpp"

namespace vaerans::blob {
namespace {

constexpr std::uint64_t kPlaces = 2048, kOfChannel = 128;  // that are looked at, of four numbers: in all, in a channel
constexpr double kClearly = 0.02;                          // bits for each number: less is chance

/// Bits that numbers in steps take under the table that suits them best.
class Cost {
 public:
  explicit Cost(bool trellis) : scale_(trellis ? 0.5F : 1.0F) {}
  void add(float v) {
    const auto magnitude = static_cast<std::int32_t>(std::min(std::abs(v) * scale_ + 0.5F, kMost));
    largest_ = std::max(largest_, magnitude);
    integers_.push_back(magnitude);
  }
  /// What those take that were added since the last call.
  [[nodiscard]] std::uint64_t take() {
    using A = Alphabet<std::uint16_t>;
    const std::int32_t reach = std::min(largest_, A::zero - 1);
    const std::uint64_t bits = spread_bits(count_distances(integers_, static_cast<std::uint32_t>(reach)), A::precision);
    integers_.clear();
    largest_ = 0;
    return bits;
  }

 private:
  static constexpr float kMost = 0x1p20F;
  float scale_;
  std::int32_t largest_ = 0;
  RecycledVector<std::int32_t> integers_;
};

struct Bits {
  std::uint64_t whole = 0, bands = 0;
};

Bits bits_of(const Samples& samples, std::uint64_t channel, bool trellis) {
  const float* const low = samples.low.data() + channel * samples.n_low;
  const float* const details = samples.details.data() + channel * samples.n_details;
  Cost cost(trellis);
  Bits out;
  for (std::uint64_t i = 0; i < samples.n_low; ++i) {
    const float l = low[i], h = details[3 * i], v = details[3 * i + 1], d = details[3 * i + 2];
    for (const float sum : {l + h + v + d, l - h + v - d, l + h - v - d, l - h - v + d}) cost.add(sum * 0.5F);
  }
  out.whole = cost.take();
  for (std::uint64_t i = 0; i < samples.n_low; ++i) cost.add(low[i]);
  out.bands = cost.take();
  for (std::uint64_t band = 0; band < 3; ++band) {
    for (std::uint64_t i = 0; i < samples.n_low; ++i) cost.add(details[3 * i + band]);
    out.bands += cost.take();
  }
  return out;
}

}  // namespace

bool haar_pays(std::span<const float> x, const Header& h) {
  const Samples samples = samples_of(x, h, std::max(kOfChannel, kPlaces / h.geometry.channels));
  Bits bits;
  for (std::uint64_t c = 0; c < h.geometry.channels; ++c) {
    const Bits of_channel = bits_of(samples, c, h.trellis);
    bits.whole += of_channel.whole;
    bits.bands += of_channel.bands;
  }
  const double numbers = 4.0 * static_cast<double>(samples.n_low * h.geometry.channels);
  const double gain = (static_cast<double>(bits.bands) - static_cast<double>(bits.whole)) / numbers;
  return gain < kClearly * SpreadCosts::kUnit;
}

}  // namespace vaerans::blob
