#include "api/refine/picture_loss.hpp"

#include <algorithm>
#include <vector>

#include "kernels/ssimulacra2/ssimulacra2.hpp"

namespace vaerans {
namespace {

// How much the damage that SSIMULACRA2 sees counts beside the squared error.
constexpr double kSeen = 0.5;
// A picture's damage counts as a part of what it was, softened: a good picture's last bit of it is not all.
constexpr double kSoft = 3;

}  // namespace

PictureLoss::PictureLoss(std::span<const std::uint8_t> original, const Shape& shape,
                         std::span<const std::uint8_t> first, bool visual)
    : original_(original), shape_(shape) {
  if (visual && std::min(shape[0], shape[1]) >= kernels::kSsimulacra2Least) seen_.emplace(view(original));
  error_weight_ = 1 / std::max(squared_error(first, {}), 1.0);
  if (seen_) damage_weight_ = kSeen / (seen_->damage(view(first), {}) + kSoft);
}

Loss PictureLoss::measure(std::span<const std::uint8_t> picture, std::span<float> slopes) const {
  std::vector<float> seen(seen_ ? slopes.size() : 0);
  const double damage = seen_ ? seen_->damage(view(picture), seen) : 0;
  const double error = squared_error(picture, slopes);
  for (std::size_t i = 0; i < seen.size(); ++i) slopes[i] += static_cast<float>(damage_weight_) * seen[i];
  return {error_weight_ * error, damage_weight_ * damage};
}

kernels::ImageView PictureLoss::view(std::span<const std::uint8_t> samples) const noexcept {
  return {samples.data(), shape_[0], shape_[1], 3, shape_[1] * 3};
}

double PictureLoss::squared_error(std::span<const std::uint8_t> picture, std::span<float> slopes) const {
  double sum = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const int difference = int{picture[i]} - int{original_[i]};
    sum += static_cast<double>(difference) * difference;
    if (!slopes.empty()) slopes[i] = static_cast<float>(error_weight_ * 2 * difference);
  }
  return sum;
}

}  // namespace vaerans
