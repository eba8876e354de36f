#include "api/seen.hpp"

#include <cstring>

#include "kernels/metrics/metrics.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

bool is_plain(const ImageView& v) { return v.channels == 3 && v.dtype == DType::u8; }

std::uint16_t deep_sample(const std::uint8_t* at) {
  std::uint16_t out = 0;
  std::memcpy(&out, at, sizeof out);
  return out;
}

std::uint8_t shown(const std::uint8_t* at, DType dtype) {
  return dtype == DType::u8 ? *at : static_cast<std::uint8_t>((deep_sample(at) + 128) / 257);
}

Image converted(const ImageView& v) {
  Image out{v.height, v.width, std::vector<std::uint8_t>(3 * v.height * v.width)};
  const std::uint64_t sample = dtype_size(v.dtype), next = v.channels == 3 ? sample : 0;
  std::uint8_t* to = out.rgb.data();
  for (std::uint64_t y = 0; y < v.height; ++y) {
    const std::uint8_t* from = v.data + y * v.stride();
    for (std::uint64_t x = 0; x < v.width; ++x, from += v.pixel_bytes()) {
      for (std::uint64_t c = 0; c < 3; ++c) *to++ = shown(from + c * next, v.dtype);
    }
  }
  return out;
}

// In squares of 16-bit levels.
double deep_mse(const ImageView& a, const ImageView& b) {
  double sum = 0;
  const std::uint64_t row = a.width * a.channels;
  for (std::uint64_t y = 0; y < a.height; ++y) {
    const std::uint8_t *p = a.data + y * a.stride(), *q = b.data + y * b.stride();
    for (std::uint64_t x = 0; x < row; ++x) {
      const double error = static_cast<double>(deep_sample(p + 2 * x)) - static_cast<double>(deep_sample(q + 2 * x));
      sum += error * error;
    }
  }
  return sum / static_cast<double>(row * a.height);
}

}  // namespace

Seen::Seen(const ImageView& picture) : given_(picture) {
  World::check_image(picture);
  if (picture.has_alpha())
    throw Error(ErrorCode::image_unsupported, "the metrics compare colours; put what has alpha on a background");
  if (!is_plain(picture)) converted_ = converted(picture);
}

bool both_deep(const ImageView& a, const ImageView& b) noexcept {
  return a.dtype == DType::u16 && b.dtype == DType::u16 && a.channels == b.channels;
}

double psnr_of(const ImageView& a, const ImageView& b) {
  constexpr double kDeepStep = 257;  // so many 16-bit levels are one of 8 bits
  if (both_deep(a, b)) return kernels::psnr_of_mse(deep_mse(a, b) / (kDeepStep * kDeepStep));
  return kernels::psnr(Seen(a).kernel_view(), Seen(b).kernel_view());
}

}  // namespace vaerans
