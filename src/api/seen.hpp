// What metrics compare: any picture without alpha as 8-bit RGB.
#pragma once

#include "kernels/common/image_view.hpp"
#include "vaerans/api.hpp"

namespace vaerans {

/// The picture as it is shown: 8-bit RGB as it is, not copied; grey in three equal channels; samples of 16 bits divided
/// by 257 and rounded. What it was made from must outlive it. Throws Error(image_unsupported) for a picture with alpha,
/// and what World::check_image() throws.
class Seen {
 public:
  explicit Seen(const ImageView& picture);
  [[nodiscard]] ImageView view() const noexcept { return converted_.rgb.empty() ? given_ : converted_.view(); }
  /// The same as kernels take it.
  [[nodiscard]] kernels::ImageView kernel_view() const noexcept {
    const ImageView v = view();
    return {v.data, v.height, v.width, v.channels, v.stride()};
  }

 private:
  ImageView given_;
  Image converted_;
};

/// Whether both have samples of 16 bits and as many channels, so that errors below an 8-bit level can be told.
[[nodiscard]] bool both_deep(const ImageView& a, const ImageView& b) noexcept;

/// PSNR in dB over all samples: at 16 bits where both_deep(), else as the pictures are shown. +infinity for equal ones.
/// The sizes must be the same.
[[nodiscard]] double psnr_of(const ImageView& a, const ImageView& b);

}  // namespace vaerans
