#include "kernels/bands/steps/activity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace vaerans::kernels {
namespace {

// What does not hide anything, as a variance.
constexpr double kVisible = 100;

// The last one is perhaps not full.
std::size_t blocks_of(std::size_t pixels) { return (pixels + Activity::kBlock - 1) / Activity::kBlock; }

std::size_t block(std::size_t at, std::size_t level, std::size_t blocks) {
  return std::min((2 * at + 1) << level >> 4U, blocks - 1);
}

}  // namespace

Activity::Activity(std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), height_(blocks_of(rows)), width_(blocks_of(columns)), energy_(height_ * width_) {}

void Activity::add(std::size_t level, std::size_t top, const BandPlace& place, std::span<const float> coefficients) {
  const float* at = coefficients.data() + place.offset;
  const auto width = static_cast<std::size_t>(place.width), height = static_cast<std::size_t>(place.height);
  for (std::size_t y = 0; y < height; ++y) {
    float* const row = energy_.data() + block(top + y, level, height_) * width_;
    for (std::size_t x = 0; x < width; ++x, ++at) row[block(x, level, width_)] += *at * *at / (kBlock * kBlock);
  }
}

// The mean of the logarithms of a cell's blocks.
double Activity::of_cell(std::size_t row, std::size_t column) const {
  constexpr std::size_t kEach = StepMap::kCell / kBlock;
  double sum = 0;
  int count = 0;
  for (std::size_t y = row * kEach; y < std::min((row + 1) * kEach, height_); ++y) {
    for (std::size_t x = column * kEach; x < std::min((column + 1) * kEach, width_); ++x, ++count)
      sum += std::log2(double{energy_[y * width_ + x]} + kVisible);
  }
  return sum / count;
}

StepMap Activity::map(double strength) const {
  StepMap out(rows_, columns_);
  std::vector<double> activity;
  double mean = 0;
  for (std::size_t i = 0; i < out.cells().size(); ++i) {
    activity.push_back(of_cell(i / out.width(), i % out.width()));
    mean += activity.back() / static_cast<double>(out.cells().size());
  }
  for (std::size_t i = 0; i < activity.size(); ++i) {
    const double half_octaves =
        std::clamp((activity[i] - mean) * strength, -double{StepMap::kLimit}, double{StepMap::kLimit});
    out.cells()[i] = static_cast<std::int8_t>(std::lround(half_octaves));
  }
  return out;
}

StepMap activity_map(const BandLayout& layout, std::span<const float> luma, double strength) {
  Activity activity(layout.height(), layout.width());
  const auto& levels = layout.channels[0].levels;
  for (std::size_t k = 1; k <= std::min(Activity::kLevels, levels.size()); ++k) {
    for (const BandPlace& place : levels[levels.size() - k]) activity.add(k, 0, place, luma);
  }
  return activity.map(strength);
}

}  // namespace vaerans::kernels
