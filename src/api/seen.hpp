// What metrics compare: any picture without alpha as 8-bit RGB.
#pragma once

#include "vaerans/api.hpp"

namespace vaerans {

/// The picture as it is shown: 8-bit RGB as it is, not copied; grey in three equal channels; samples of 16 bits divided
/// by 257 and rounded. What it was made from must outlive it. Throws Error(image_unsupported) for a picture with alpha.
class Seen {
 public:
  explicit Seen(const ImageView& picture);
  [[nodiscard]] ImageView view() const noexcept { return converted_.rgb.empty() ? given_ : converted_.view(); }

 private:
  ImageView given_;
  Image converted_;
};

/// PSNR in dB over all samples: at 16 bits where both pictures have those and as many channels, else as they are shown.
/// +infinity for equal pictures. The sizes must be the same.
[[nodiscard]] double psnr_of(const ImageView& a, const ImageView& b);

}  // namespace vaerans
