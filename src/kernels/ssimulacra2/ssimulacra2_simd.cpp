// The sums of a scale: strips of columns from top to bottom, so that nothing but half-sized planes needs memory.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ssimulacra2/ssimulacra2_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "kernels/ssimulacra2/ssimulacra2_parts.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::ssimulacra2_parts::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F = hn::CappedTag<float, 16>;
using I = hn::Rebind<std::int32_t, F>;
using Floats = hn::Vec<F>;

// No fused multiply-adds anywhere: the result is the same in every bit on every instruction set.
HWY_INLINE Floats constant(double v) { return hn::Set(F(), static_cast<float>(v)); }

// The cube root of 0.003 … 2: its inverse guessed from the exponent, three steps of Newton's, times x twice.
HWY_INLINE Floats cube_root(Floats x) {
  const F d;
  const I di;
  const auto third = hn::ConvertTo(di, hn::Mul(hn::ConvertTo(d, hn::BitCast(di, x)), constant(1.0 / 3)));
  Floats r = hn::BitCast(d, hn::Sub(hn::Set(di, 0x54a21d2a), third));
  for (int i = 0; i < 3; ++i) {
    const Floats cube = hn::Mul(hn::Mul(x, r), hn::Mul(r, r));
    r = hn::Mul(r, hn::Sub(constant(4.0 / 3), hn::Mul(cube, constant(1.0 / 3))));
  }
  return hn::Mul(x, hn::Mul(r, r));
}

// ---- where light comes from ---------------------------------------------------------------------------------------

// Writes n pixels of row y from column x on: the three planes kRow apart.
class BytesSource {
 public:
  explicit BytesSource(ImageView image) : image_(image), light_(light_table()) {}
  [[nodiscard]] std::size_t height() const { return image_.height; }
  [[nodiscard]] std::size_t width() const { return image_.width; }
  void read(std::size_t y, std::size_t x, std::size_t n, float* out) const {
    const std::size_t channels = image_.channels;
    const std::uint8_t* at = image_.row(y) + x * channels;
    for (std::size_t i = 0; i < n; ++i, at += channels) {
      for (std::size_t c = 0; c < kPlanes; ++c) out[c * kRow + i] = light_[at[channels == 1 ? 0 : c]];
    }
  }

 private:
  ImageView image_;
  const LightTable& light_;
};

class PlanesSource {
 public:
  explicit PlanesSource(const LightPlanes& planes) : planes_(planes) {}
  [[nodiscard]] std::size_t height() const { return planes_.height; }
  [[nodiscard]] std::size_t width() const { return planes_.width; }
  void read(std::size_t y, std::size_t x, std::size_t n, float* out) const {
    for (std::size_t c = 0; c < kPlanes; ++c) std::copy_n(planes_.row(c, y) + x, n, out + c * kRow);
  }

 private:
  LightPlanes planes_;
};

// ---- a strip ------------------------------------------------------------------------------------------------------

// Rows are those of the strip's columns with a margin on both sides, where the picture has columns there; zeros stand
// where it has none.
struct Strip {
  std::size_t begin, columns;  // the picture's columns whose windows are summed
  std::size_t from, before;    // the first column that is read, and how many places of a row stand before it
  std::size_t samples;         // columns that are read

  Strip(std::size_t first, std::size_t width)
      : begin(first),
        columns(std::min(kStrip, width - first)),
        from(first < kRadius ? 0 : first - kRadius),
        before(kRadius - (first - from)),
        samples(std::min(first + columns + kRadius, width) - from) {}
};

struct Weights {
  Floats at[kRadius + 1];
  Weights() {
    const Taps given = taps();
    for (std::size_t k = 0; k < given.size(); ++k) at[k] = constant(given[k]);
  }
};

// The weighted sum of eleven: pair(k) is the sum of the two at distance k.
template <class Pair>
HWY_INLINE Floats weighted(const Weights& weights, Floats center, Pair pair) {
  Floats sum = hn::Mul(weights.at[0], center);
  for (std::size_t k = 1; k <= kRadius; ++k) sum = hn::Add(sum, hn::Mul(weights.at[k], pair(k)));
  return sum;
}

template <class Source>
class StripSums {
 public:
  StripSums(const Source& reference, const Source& test, float* scratch)
      : sources_{&reference, &test},
        light_(scratch),
        moments_(light_ + kPlanes * kRow),
        planes_(moments_ + 4 * kRow),
        means_(planes_ + 2 * kPlanes * kRing * kRow),
        sums_(means_ + 4 * kPlanes * kRing * kStrip) {}

  ScaleSums run() {
    ScaleSums out{};
    for (std::size_t x = 0; x < width(); x += kStrip) add_strip(Strip(x, width()), out);
    return out;
  }

 private:
  [[nodiscard]] std::size_t height() const { return sources_[0]->height(); }
  [[nodiscard]] std::size_t width() const { return sources_[0]->width(); }
  [[nodiscard]] float* plane_row(std::size_t picture, std::size_t plane, std::size_t y) const {
    return planes_ + ((picture * kPlanes + plane) * kRing + y % kRing) * kRow;
  }
  [[nodiscard]] float* mean_row(std::size_t moment, std::size_t plane, std::size_t y) const {
    return means_ + ((plane * kRing + y % kRing) * 4 + moment) * kStrip;
  }
  [[nodiscard]] float* sums_of_plane(std::size_t plane, std::size_t sum) const {
    return sums_ + (plane * kSums + sum) * kStrip;
  }

  void add_strip(const Strip& strip, ScaleSums& out) {
    std::fill(light_, sums_ + kPlanes * kSums * kStrip, 0.0F);
    for (std::size_t y = 0; y < height() + kRadius; ++y) {
      if (y < height()) read_row(strip, y);
      if (y >= kRadius) compare_row(strip, y - kRadius);
      if (y % kRowsAtOnce == kRowsAtOnce - 1) collect(strip, out);
    }
    collect(strip, out);
  }
  static constexpr std::size_t kRowsAtOnce = 32;  // floats add up so many rows before doubles take over

  // Sums of the columns, from left to right.
  void collect(const Strip& strip, ScaleSums& out) {
    for (std::size_t plane = 0; plane < kPlanes; ++plane) {
      for (std::size_t s = 0; s < kSums; ++s) {
        float* const sums = sums_of_plane(plane, s);
        double& sum = out[plane][s];
        for (std::size_t x = 0; x < strip.columns; ++x) sum += static_cast<double>(sums[x]);
        std::fill_n(sums, kStrip, 0.0F);
      }
    }
  }

  void read_row(const Strip& strip, std::size_t y) {
    for (std::size_t picture = 0; picture < 2; ++picture) {
      sources_[picture]->read(y, strip.from, strip.samples, light_);
      float* const x = plane_row(picture, 0, y) + strip.before;
      float* const luma = plane_row(picture, 1, y) + strip.before;
      float* const blue = plane_row(picture, 2, y) + strip.before;
      to_xyb(strip.samples, x, luma, blue);
    }
    for (std::size_t plane = 0; plane < kPlanes; ++plane) {
      fill_moments(plane_row(0, plane, y), plane_row(1, plane, y));
      average_across(plane, y);
    }
  }

  // The last vectors reach beyond n, where zeros are to stand.
  void to_xyb(std::size_t n, float* x, float* luma, float* blue) const {
    const F d;
    for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
      const auto cone = [&](std::size_t c) {
        Floats sum = constant(kConeBias);
        for (std::size_t k = 0; k < kPlanes; ++k)
          sum = hn::Add(sum, hn::Mul(constant(kCones[c][k]), hn::LoadU(d, light_ + k * kRow + i)));
        return hn::Sub(cube_root(sum), constant(kConeBiasRoot));
      };
      const Floats long_cones = cone(0), middle = cone(1), short_cones = cone(2);
      const Floats y = hn::Mul(hn::Add(long_cones, middle), constant(0.5));
      const Floats difference = hn::Mul(hn::Sub(long_cones, middle), constant(0.5 * kScaleX));
      hn::StoreU(hn::Add(difference, constant(kShiftX)), d, x + i);
      hn::StoreU(hn::Add(y, constant(kShiftY)), d, luma + i);
      hn::StoreU(hn::Add(hn::Sub(short_cones, y), constant(kShiftB)), d, blue + i);
    }
    const std::size_t done = (n + hn::Lanes(d) - 1) / hn::Lanes(d) * hn::Lanes(d);
    for (float* const row : {x, luma, blue}) std::fill(row + n, row + done, 0.0F);
  }

  // a, b, a² + b², a b.
  void fill_moments(const float* a, const float* b) const {
    const F d;
    for (std::size_t x = 0; x < kStrip + 2 * kRadius; x += hn::Lanes(d)) {
      const Floats va = hn::LoadU(d, a + x), vb = hn::LoadU(d, b + x);
      hn::StoreU(va, d, moments_ + x);
      hn::StoreU(vb, d, moments_ + kRow + x);
      hn::StoreU(hn::Add(hn::Mul(va, va), hn::Mul(vb, vb)), d, moments_ + 2 * kRow + x);
      hn::StoreU(hn::Mul(va, vb), d, moments_ + 3 * kRow + x);
    }
  }

  void average_across(std::size_t plane, std::size_t y) const {
    const F d;
    const Weights weights = weights_;
    for (std::size_t m = 0; m < 4; ++m) {
      const float* const in = moments_ + m * kRow + kRadius;
      float* const out = mean_row(m, plane, y);
      for (std::size_t x = 0; x < kStrip; x += hn::Lanes(d)) {
        const auto pair = [&](std::size_t k) { return hn::Add(hn::LoadU(d, in + x - k), hn::LoadU(d, in + x + k)); };
        hn::StoreU(weighted(weights, hn::LoadU(d, in + x), pair), d, out + x);
      }
    }
  }

  void compare_row(const Strip& strip, std::size_t y) {
    for (std::size_t plane = 0; plane < kPlanes; ++plane) compare_plane(strip, plane, y);
  }

  void compare_plane(const Strip& strip, std::size_t plane, std::size_t y) {
    const F d;
    const Weights weights = weights_;
    const float* above[kRadius + 1];
    const float* below[kRadius + 1];
    for (std::size_t k = 0; k <= kRadius; ++k) {
      const auto at = static_cast<std::ptrdiff_t>(y), distance = static_cast<std::ptrdiff_t>(k);
      above[k] = mean_row(0, plane, mirrored(at - distance, height()));
      below[k] = mean_row(0, plane, mirrored(at + distance, height()));
    }
    const float* const a = plane_row(0, plane, y) + kRadius;
    const float* const b = plane_row(1, plane, y) + kRadius;
    for (std::size_t x = 0; x < strip.columns; x += hn::Lanes(d)) {
      const auto mean = [&](std::size_t m) {
        const std::size_t at = m * kStrip + x;
        const auto pair = [&](std::size_t k) {
          return hn::Add(hn::LoadU(d, above[k] + at), hn::LoadU(d, below[k] + at));
        };
        return weighted(weights, hn::LoadU(d, above[0] + at), pair);
      };
      const Floats mean_a = mean(0), mean_b = mean(1);
      add_lost(plane, x, mean_a, mean_b, mean(2), mean(3));
      add_edges(plane, x, hn::AbsDiff(hn::LoadU(d, a + x), mean_a), hn::AbsDiff(hn::LoadU(d, b + x), mean_b));
    }
  }

  HWY_INLINE void add(std::size_t plane, std::size_t sum, std::size_t x, Floats v) {
    const F d;
    float* const at = sums_of_plane(plane, sum) + x;
    hn::StoreU(hn::Add(hn::LoadU(d, at), v), d, at);
    const Floats square = hn::Mul(v, v);
    hn::StoreU(hn::Add(hn::LoadU(d, at + kStrip), hn::Mul(square, square)), d, at + kStrip);
  }

  // 1 - (1 - (difference of means)²) · (2 covariance + flat) / (variances + flat).
  HWY_INLINE void add_lost(std::size_t plane, std::size_t x, Floats a, Floats b, Floats squares, Floats product) {
    const Floats one = constant(1), flat = constant(kFlat), apart = hn::Sub(a, b);
    const Floats near = hn::Sub(one, hn::Mul(apart, apart));
    const Floats covariance = hn::Sub(product, hn::Mul(a, b));
    const Floats variances = hn::Sub(squares, hn::Add(hn::Mul(a, a), hn::Mul(b, b)));
    const Floats shared = hn::Mul(near, hn::Add(hn::Add(covariance, covariance), flat));
    const Floats lost = hn::Sub(one, hn::Div(shared, hn::Add(variances, flat)));
    add(plane, kLost, x, hn::Max(lost, hn::Zero(F())));
  }

  // (1 + edge of the test) / (1 + edge of the reference) - 1: above 0 it was added, below it is gone.
  HWY_INLINE void add_edges(std::size_t plane, std::size_t x, Floats reference, Floats test) {
    const Floats one = constant(1), none = hn::Zero(F());
    const Floats more = hn::Sub(hn::Div(hn::Add(one, test), hn::Add(one, reference)), one);
    add(plane, kAdded, x, hn::Max(more, none));
    add(plane, kGone, x, hn::Max(hn::Neg(more), none));
  }

  const Source* sources_[2];
  Weights weights_;
  float *light_, *moments_, *planes_, *means_, *sums_;
};

template <class Source, class Given>
ScaleSums sums_from(const Given& reference, const Given& test, float* scratch) {
  const std::size_t excess = reinterpret_cast<std::uintptr_t>(scratch) % 64 / sizeof(float);
  const Source a(reference), b(test);
  return StripSums<Source>(a, b, scratch + (16 - excess) % 16).run();
}

ScaleSums sums_of_bytes(const ImageView& reference, const ImageView& test, float* scratch) {
  return sums_from<BytesSource>(reference, test, scratch);
}
ScaleSums sums_of_planes(const LightPlanes& reference, const LightPlanes& test, float* scratch) {
  return sums_from<PlanesSource>(reference, test, scratch);
}

}  // namespace vaerans::kernels::ssimulacra2_parts::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::ssimulacra2_parts {

HWY_EXPORT(sums_of_bytes);
HWY_EXPORT(sums_of_planes);

ScaleSums sums_of(ImageView reference, ImageView test, float* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(sums_of_bytes)(reference, test, scratch);
}
ScaleSums sums_of(const LightPlanes& reference, const LightPlanes& test, float* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(sums_of_planes)(reference, test, scratch);
}

}  // namespace vaerans::kernels::ssimulacra2_parts
#endif
