#include "api/preview/shrunk.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace vaerans {
namespace {

using Color = std::array<std::uint64_t, 3>;

// Samples of a pixel as numbers, R, G, B and alpha; without alpha that is the most that a sample can be.
template <typename Sample>
Color over_white(const std::uint8_t* pixel, std::uint32_t channels) {
  constexpr std::uint64_t top = static_cast<Sample>(-1);
  std::array<Sample, 4> samples{};
  std::memcpy(samples.data(), pixel, channels * sizeof(Sample));
  const bool grey = channels < 3, clear = channels % 2 == 0;
  const std::uint64_t alpha = clear ? samples[channels - 1] : top;
  Color out;
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = (samples[grey ? 0 : c] * alpha + top * (top - alpha)) / top;
  return out;
}

// The mean of the pixels from (y0, x0) up to (y1, x1).
template <typename Sample>
Color mean_of(const ImageView& picture, std::uint64_t y0, std::uint64_t y1, std::uint64_t x0, std::uint64_t x1) {
  const std::uint64_t pixel = picture.pixel_bytes(), row = picture.stride();
  Color sum{};
  for (std::uint64_t y = y0; y < y1; ++y) {
    for (std::uint64_t x = x0; x < x1; ++x) {
      const Color one = over_white<Sample>(picture.data + y * row + x * pixel, picture.channels);
      for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += one[c];
    }
  }
  const std::uint64_t count = std::max<std::uint64_t>(1, (y1 - y0) * (x1 - x0));  // no picture is made larger
  for (auto& value : sum) value = (value + count / 2) / count;
  return sum;
}

template <typename Sample>
void shrink(const ImageView& picture, Image& out) {
  constexpr std::uint64_t scale = static_cast<Sample>(-1) / 255;
  auto* to = out.rgb.data();
  for (std::uint64_t y = 0; y < out.height; ++y) {
    const std::uint64_t top = y * picture.height / out.height, bottom = (y + 1) * picture.height / out.height;
    for (std::uint64_t x = 0; x < out.width; ++x) {
      const std::uint64_t left = x * picture.width / out.width, right = (x + 1) * picture.width / out.width;
      for (const std::uint64_t value : mean_of<Sample>(picture, top, bottom, left, right))
        *to++ = static_cast<std::uint8_t>((value + scale / 2) / scale);
    }
  }
}

}  // namespace

Image shrunk(const ImageView& picture, std::uint64_t height, std::uint64_t width) {
  Image out{height, width, Bytes(height * width * 3)};
  picture.dtype == DType::u16 ? shrink<std::uint16_t>(picture, out) : shrink<std::uint8_t>(picture, out);
  return out;
}

}  // namespace vaerans
