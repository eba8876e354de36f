#include "api/refine/annealing.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"

namespace vaerans {
namespace {

// From the first turn to the last, chosen on crops of training photos. More turns want smaller moves.
constexpr float kHot = 0.5F, kCold = 0.1F;
constexpr float kMove = 0.224F, kLastMove = 0.3F;  // the first by the root of the turns; the last as a part of that
constexpr float kScale = 4.0F / 3;                 // what logits are multiplied by
constexpr float kEdge = 1e-4F;                     // as near as a value comes to a whole number
constexpr float kMeanDecay = 0.9F, kSquareDecay = 0.999F, kNoSlope = 1e-20F;
constexpr std::size_t kPart = 4096;  // coefficients that a thread takes at once

float logit(float p) { return std::log(p / (1 - p)); }
float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// A number in (0, 1) that depends on nothing but these three (splitmix64's mixing).
float uniform(std::uint64_t seed, std::uint64_t turn, std::uint64_t place) {
  std::uint64_t z = seed + 0x9E3779B97F4A7C15ULL * (place * 4096 + turn + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return (static_cast<float>((z ^ (z >> 31)) >> 41) + 0.5F) * 0x1p-23F;
}

}  // namespace

Annealing::Annealing(std::span<const float> coefficients, float step, int iterations, unsigned threads,
                     std::uint64_t seed)
    : step_(step),
      iterations_(iterations),
      threads_(threads),
      seed_(seed),
      values_(coefficients.begin(), coefficients.end()),
      shares_(values_.size()),
      slope_of_share_(values_.size()),
      mean_(values_.size()),
      square_(values_.size()),
      floors_(values_.size()),
      nearest_(values_.size()) {
  for (float& value : values_) value /= step;
}

template <typename Body>
void Annealing::for_all(Body body) const {
  parallel_for(threads_, (values_.size() + kPart - 1) / kPart, [&](std::size_t part, std::size_t) {
    const std::size_t end = std::min(values_.size(), (part + 1) * kPart);
    for (std::size_t i = part * kPart; i < end; ++i) body(i);
  });
}

// How much of the way up value i goes in this turn, its rest above the floor being what it is.
float Annealing::share(std::size_t i, float rest) const {
  const float noise = logit(uniform(seed_, static_cast<std::uint64_t>(turn_), i));
  return sigmoid((kScale * logit(rest) / temperature_ + noise) / temperature_);
}

void Annealing::relax(std::span<float> coefficients) {
  const float part = std::min(1.0F, static_cast<float>(turn_) / static_cast<float>(iterations_));
  temperature_ = kHot * std::pow(kCold / kHot, part);
  for_all([&](std::size_t i) {
    const float floor = std::floor(values_[i]);
    const float rest = std::clamp(values_[i] - floor, kEdge, 1 - kEdge), up = share(i, rest);
    floors_[i] = static_cast<std::int32_t>(floor);
    nearest_[i] = static_cast<std::int32_t>(std::lround(values_[i]));
    slope_of_share_[i] = up * (1 - up) * kScale / (temperature_ * temperature_ * rest * (1 - rest));
    coefficients[i] = (floor + up) * step_;
  });
}

void Annealing::descend(std::span<const float> slopes, std::span<const float> rises, float lambda) {
  const auto turns = static_cast<float>(iterations_), turn = static_cast<float>(turn_);
  const float move = kMove / std::sqrt(turns) * std::pow(kLastMove, std::min(1.0F, turn / turns));
  const float mean_share = 1 - std::pow(kMeanDecay, turn + 1), square_share = 1 - std::pow(kSquareDecay, turn + 1);
  for_all([&](std::size_t i) {
    const float slope = (slopes[i] * step_ + lambda * rises[i]) * slope_of_share_[i];
    mean_[i] += (1 - kMeanDecay) * (slope - mean_[i]);
    square_[i] += (1 - kSquareDecay) * (slope * slope - square_[i]);
    values_[i] -= move * (mean_[i] / mean_share) / (std::sqrt(square_[i] / square_share) + kNoSlope);
  });
  ++turn_;
}

void Annealing::round(std::span<float> coefficients) const {
  for_all([&](std::size_t i) { coefficients[i] = std::round(values_[i]) * step_; });
}

}  // namespace vaerans
