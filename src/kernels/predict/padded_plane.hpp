// A plane of samples with a border, so that neighbours can be read everywhere without asking where one is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vaerans::kernels {

// The border holds, above: `background`; left of row y: the first sample of row y - 1; right: the last sample of the
// row; below: the last row.
template <typename Sample>
class PaddedPlaneOf {
 public:
  static constexpr int kSide = 8, kAbove = 3, kBelow = 1;

  void reset(int width, int height, Sample background) {
    width_ = width;
    stride_ = width + 2 * kSide;
    samples_.resize(static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height + kAbove + kBelow));
    std::fill_n(samples_.begin(), stride_ * kAbove, background);
  }
  // Sample 0 of row y, from -kAbove to height + kBelow - 1.
  [[nodiscard]] Sample* row(int y) noexcept {
    return samples_.data() + static_cast<std::ptrdiff_t>(y + kAbove) * stride_ + kSide;
  }
  [[nodiscard]] std::ptrdiff_t stride() const noexcept { return stride_; }

  // Before the samples of row y are set, and after.
  void begin_row(int y) noexcept { std::fill_n(row(y) - kSide, kSide, row(y - 1)[0]); }
  void end_row(int y) noexcept { std::fill_n(row(y) + width_, kSide, row(y)[width_ - 1]); }
  // After the last row.
  void finish(int height) noexcept { std::copy_n(row(height - 1) - kSide, stride_, row(height) - kSide); }

 private:
  int width_ = 0;
  std::ptrdiff_t stride_ = 0;
  std::vector<Sample> samples_;
};
using PaddedPlane = PaddedPlaneOf<std::int32_t>;

}  // namespace vaerans::kernels
