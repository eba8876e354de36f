#include "kernels/predict/plane_model.hpp"

#include <algorithm>
#include <cstddef>

#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels {
namespace {

// The middle of octave class i, (8 + i % 8 + 1/2) / 8 × 2^(i / 8), in sixteenths.
std::uint64_t middle_of(std::size_t i) { return std::uint64_t{17 + 2 * (i % 8)} << (i / 8); }

// 2^20 × (16 / (error + 8))^4, at most 2^20.
std::int32_t blend_weight_of(std::size_t i) {
  const std::uint64_t ratio = (std::uint64_t{256} << 12U) / (middle_of(i) + 128);
  const std::uint64_t weight = ratio * ratio * ratio * ratio >> 28U;
  return static_cast<std::int32_t>(std::clamp<std::uint64_t>(weight, 1, std::uint64_t{1} << 20U));
}

// 2 ln 2 × 2^22 over the mean error: makes 1/256 of a logistic distribution's scale of 1/64 of a grey level.
constexpr std::uint64_t kScale = 5814539;
std::int32_t sharpness_of(std::size_t i) {
  return static_cast<std::int32_t>(std::min<std::uint64_t>(131071, kScale * 16 / middle_of(i)));
}

// The same with kPlaceBits behind the point; the scale's floor, class 32, keeps it below 2^29.
std::int32_t place_factor_of(std::size_t i) {
  const std::uint64_t factor = (kScale * 16 << unsigned{kPlaceBits - 8}) / middle_of(std::max<std::size_t>(32, i));
  return static_cast<std::int32_t>(std::max<std::uint64_t>(1, factor));
}

std::uint8_t scale_shift_of(std::size_t age) {
  constexpr std::array<std::size_t, 5> kUntil{1, 3, 7, 20, 60};
  return static_cast<std::uint8_t>(1 + std::ranges::count_if(kUntil, [&](std::size_t until) { return age >= until; }));
}

}  // namespace

PredictTables::PredictTables() noexcept : logistic(logistic_tables()) {
  for (std::size_t i = 0; i < kOctaveClasses; ++i) {
    blend_weight[i] = blend_weight_of(i);
    sharpness[i] = sharpness_of(i);
  }
  for (std::size_t i = 0; i < kDeepScaleClasses; ++i) {
    place_factor[i] = place_factor_of(i);
    place_limit[i] = (kCdfLimit << kPlaceBits) / place_factor[i] + 1;
  }
  for (std::size_t n = 0; n < counter_rate.size(); ++n)
    counter_rate[n] = static_cast<std::int32_t>(327680 / (10 * n + 16));
  for (std::size_t n = 0; n < mixer_rate.size(); ++n) mixer_rate[n] = static_cast<std::int32_t>(6 + 640 / (16 + n));
  for (std::size_t n = 0; n < scale_shift.size(); ++n) scale_shift[n] = scale_shift_of(n);
}

const PredictTables& predict_tables() noexcept {
  static const PredictTables tables;
  return tables;
}

template <class Strength>
void PlaneModelOf<Strength>::reset(int coarse) noexcept {
  MixerWeights fresh_mixer{{6000, 6000, 3000, 3000, 3000, 12000, 6000, 6000}};
  std::fill_n(fresh_mixer.weight.begin() + kOpinions, Strength::kCounters, 4000);
  for (auto& set : mixers) {
    for (auto& context : set) context.fill(fresh_mixer);
  }
  for (auto& set : counters) {
    for (auto& context : set) context.fill({});
  }
  const auto& squash = logistic_tables().squash;
  ProbabilityMap fresh;
  for (int k = 0; k < ProbabilityMap::kPoints; ++k) {
    const int logit = std::clamp((k - 16) * ProbabilityMap::kStep, -kLogitLimit, kLogitLimit);
    fresh.at[static_cast<std::size_t>(k)] = squash[static_cast<std::size_t>(logit + kLogitLimit)];
  }
  for (auto& context : maps) context.fill(fresh);
  // Four classes of energy an octave: the mean error starts near its own class.
  constexpr std::array<std::int32_t, 4> kQuarter{256, 304, 362, 431};
  for (std::size_t i = 0; i < scale_mean.size(); ++i) {
    const auto energy = i / kCrossClasses % kEnergyClasses;
    const std::int64_t scale = energy == 0 ? 215 : std::int64_t{kQuarter[(energy - 1) % 4]} << ((energy - 1) / 4);
    scale_mean[i] = static_cast<std::int32_t>(std::min<std::int64_t>(1000000, (scale + 64) >> coarse));
  }
  scale_age.fill(0);
}

template struct PlaneModelOf<Balanced>;
template struct PlaneModelOf<Dense>;

TileBuffers::TileBuffers() : model(std::make_unique<PlaneModel>()) {}
TileBuffers::~TileBuffers() = default;

namespace {

std::size_t samples_of(const TileShape& shape) noexcept {
  return static_cast<std::size_t>(shape.planes) * static_cast<std::size_t>(shape.width) *
         static_cast<std::size_t>(shape.height);
}

constexpr std::size_t kPadded = 2 * sizeof(std::int32_t);  // a sample's value and residual

}  // namespace

std::size_t TileBuffers::bytes_for(const TileShape& shape) noexcept {
  const std::size_t decisions =
      2 * static_cast<std::size_t>(shape.bits) * sizeof(std::uint32_t);  // that a sample takes
  return bytes_to_decode(shape) + samples_of(shape) * decisions;
}

std::size_t TileBuffers::bytes_to_decode(const TileShape& shape) noexcept {
  const bool dense = shape.model == PixelModel::dense;
  return sizeof(PlaneModel) + (dense ? sizeof(DensePlaneModel) : 0) + samples_of(shape) * kPadded;
}

}  // namespace vaerans::kernels
