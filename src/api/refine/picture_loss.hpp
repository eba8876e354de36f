// How much worse than its original a decoded picture is, and what would make it better.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "kernels/ssimulacra2/ssimulacra2_slopes.hpp"
#include "vaerans/core/tensor.hpp"

namespace vaerans {

/// The squared error, and the damage that SSIMULACRA2 sees, each as a part of what a first picture has of it.
struct Loss {
  double error = 0, damage = 0;
  [[nodiscard]] double sum() const noexcept { return error + damage; }
  /// Better by one of the two, and not worse by the other.
  [[nodiscard]] bool better_than(const Loss& other) const noexcept {
    return error <= other.error && damage <= other.damage && sum() < other.sum();
  }
};

/// Measures pictures by an original. Those too small for SSIMULACRA2 have no damage, and none has where what is seen
/// does not count.
class PictureLoss {
 public:
  /// `original`: samples (H, W, 3), which must outlive this; `first`: the picture whose losses the others are parts of.
  PictureLoss(std::span<const std::uint8_t> original, const Shape& shape, std::span<const std::uint8_t> first,
              bool visual);

  /// `slopes`: of the loss's sum by each sample (H, W, 3); empty: they are not wanted.
  [[nodiscard]] Loss measure(std::span<const std::uint8_t> picture, std::span<float> slopes) const;

 private:
  [[nodiscard]] kernels::ImageView view(std::span<const std::uint8_t> samples) const noexcept;
  [[nodiscard]] double squared_error(std::span<const std::uint8_t> picture, std::span<float> slopes) const;

  std::span<const std::uint8_t> original_;
  Shape shape_;
  std::optional<kernels::Ssimulacra2Slopes> seen_;
  double error_weight_ = 1, damage_weight_ = 0;
};

}  // namespace vaerans
