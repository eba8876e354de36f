// SSIMULACRA 2.1 (Jon Sneyers, Cloudinary, April 2023): how much worse a picture looks than its reference. 100 means no
// difference, 90 that none is seen side by side, 70 high, 50 medium, 30 low quality; it has no lower end.
//
// At up to six scales, halved in linear light, three planes (X, Y and B - Y of JPEG XL's XYB, in positive ranges) are
// compared in Gaussian windows (σ = 1.5, 11 taps; zeros stand beyond the left and right edge, the picture is mirrored
// at the upper and lower one). Three maps, of lost similarity, of edges that were not there (ringing, blocks) and of
// edges that are gone (blur), each give a mean and a 4-norm; these 108 numbers are weighed and added up. The values
// are those of the Python package ssimulacra2 0.3, to about 0.01.
#pragma once

#include <cstddef>
#include <span>

#include "base/status.hpp"
#include "kernels/common/image_view.hpp"

namespace vaerans::kernels {

inline constexpr unsigned kSsimulacra2Scales = 6;
// The least height and width of a scale: smaller ones are left out, so six scales need 225 pixels.
inline constexpr std::size_t kSsimulacra2Least = 8;

struct Ssimulacra2Result {
  Status status = Status::ok;
  double value = 0;
  unsigned scales = 0;
};

// Doubles of scratch for pictures of this size.
[[nodiscard]] std::size_t ssimulacra2_scratch_size(std::size_t height, std::size_t width) noexcept;

// The score of sRGB pictures of one or three channels. It is the same in every bit on every instruction set.
// too_small: height or width below 8. bad_argument: shapes, scratch.
[[nodiscard]] Ssimulacra2Result ssimulacra2(ImageView reference, ImageView test, std::span<double> scratch) noexcept;

// The scalar twin: plain loops over whole planes in double precision, with scratch of its own. Tests compare with it.
[[nodiscard]] Ssimulacra2Result ssimulacra2_ref(ImageView reference, ImageView test);

}  // namespace vaerans::kernels
