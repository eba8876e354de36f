// What the band coder keeps of a subband: magnitudes and signs with a border of zeros, so that neighbours can be read
// everywhere, and once the band is known how much there is around each place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vaerans::kernels {

class BandPlane {
 public:
  static constexpr int kBorder = 2;
  static constexpr int kMostMagnitude = 32767;

  // What one takes.
  [[nodiscard]] static constexpr std::size_t bytes(std::size_t height, std::size_t width) noexcept {
    constexpr std::size_t border = std::size_t{2} * kBorder;
    return (height + border) * (width + border) * (2 * sizeof(std::uint16_t) + sizeof(std::int8_t));
  }
  void reset(int height, int width);
  // To be called once all of the band is there: sets around().
  void finish();

  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] int width() const noexcept { return width_; }
  [[nodiscard]] bool empty() const noexcept { return height_ == 0 || width_ == 0; }
  [[nodiscard]] std::ptrdiff_t stride() const noexcept { return stride_; }

  // Place 0 of row y; rows -2..height + 1, places -2..width + 1.
  [[nodiscard]] std::uint16_t* magnitudes(int y) noexcept { return magnitudes_.data() + at(y); }
  [[nodiscard]] std::int8_t* signs(int y) noexcept { return signs_.data() + at(y); }  // -1, 0, 1
  // 2 × the four nearest and the four diagonal ones, at most 65535.
  [[nodiscard]] std::uint16_t* around(int y) noexcept { return around_.data() + at(y); }

 private:
  [[nodiscard]] std::ptrdiff_t at(int y) const noexcept { return (y + kBorder) * stride_ + kBorder; }

  int height_ = 0, width_ = 0;
  std::ptrdiff_t stride_ = 0;
  std::vector<std::uint16_t> magnitudes_, around_;
  std::vector<std::int8_t> signs_;
};

}  // namespace vaerans::kernels
