// Pictures made by integer arithmetic: the same on every machine, so that their compressed sizes can be pinned.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace vaerans::test {

/// (h, w, 3) u8, interleaved.
struct SyntheticPicture {
  std::uint64_t h = 0, w = 0;
  std::vector<std::uint8_t> rgb;
};

/// In dB, of samples against those of a picture of the same size.
inline double psnr(const SyntheticPicture& a, const std::vector<std::uint8_t>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < b.size(); ++i) sum += std::pow(int{a.rgb[i]} - int{b[i]}, 2);
  return 10 * std::log10(65025 * static_cast<double>(b.size()) / std::max(sum, 1e-9));
}

class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed * 2862933555777941757U + 3037000493U) {}
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state_ >> 33U);
  }

 private:
  std::uint64_t state_;
};

template <typename Pixel>
SyntheticPicture drawn(std::uint64_t h, std::uint64_t w, Pixel pixel) {
  SyntheticPicture out{h, w, std::vector<std::uint8_t>(h * w * 3)};
  for (std::uint64_t y = 0; y < h; ++y) {
    for (std::uint64_t x = 0; x < w; ++x) {
      for (unsigned c = 0; c < 3; ++c) out.rgb[(y * w + x) * 3 + c] = static_cast<std::uint8_t>(pixel(y, x, c));
    }
  }
  return out;
}

inline SyntheticPicture flat(std::uint64_t h, std::uint64_t w) {
  return drawn(h, w, [](auto, auto, unsigned c) { return 40 + 60 * c; });
}

inline SyntheticPicture noise_picture(std::uint64_t h, std::uint64_t w) {
  Lcg random(1);
  return drawn(h, w, [&](auto, auto, unsigned) { return random.next() & 255U; });
}

/// Smooth colours with edges, texture and sensor noise.
inline SyntheticPicture scene(std::uint64_t h, std::uint64_t w) {
  Lcg random(2);
  return drawn(h, w, [&](std::uint64_t y, std::uint64_t x, unsigned c) {
    const std::uint64_t light = 60 + (x * (3 + c) + y * 2) / 7 % 90;
    const std::uint64_t edge = (x / 19 + y / 23) % 3 * 25;
    const std::uint64_t wave = (x * x / 16 + y * 3) / 8 % 16;
    return light + edge + wave + (random.next() & 3U);
  });
}

inline SyntheticPicture grey_scene(std::uint64_t h, std::uint64_t w) {
  SyntheticPicture out = scene(h, w);
  for (std::size_t i = 0; i < out.rgb.size(); i += 3) out.rgb[i] = out.rgb[i + 2] = out.rgb[i + 1];
  return out;
}

/// Black marks on white, as of text.
inline SyntheticPicture marks(std::uint64_t h, std::uint64_t w) {
  return drawn(h, w, [](std::uint64_t y, std::uint64_t x, unsigned) {
    const bool ink = y % 12 < 8 && x % 7 < 5 && ((x / 7 * 31 + y / 12 * 17) >> (y % 12 / 2 + x % 7) & 1U) != 0;
    return ink ? 0U : 255U;
  });
}

}  // namespace vaerans::test
