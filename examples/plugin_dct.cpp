// A transform of your own, from outside the library: the blockwise 8×8 DCT that JPEG uses, and its inverse.
//
// The two descriptors at the end register them, and nothing in vaerans changes for it. From then on recipes know
// "dct8", the scheduler batches it, and any program that has this source linked in reads and writes files that hold it.
// As a library it is loaded by `vaerans --plugin dct8.so`, VAERANS_PLUGINS=dct8.so, or vaerans_ecs.load_plugin().
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>

#include "vaerans/vaerans.hpp"

namespace {

using namespace vaerans;

constexpr std::size_t kSize = 8;
using Block = std::array<std::array<float, kSize>, kSize>;

/// Row k is the k-th cosine, of length 1: the inverse is the transpose.
Block cosines() {
  Block d{};
  for (std::size_t k = 0; k < kSize; ++k) {
    const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / kSize);
    for (std::size_t n = 0; n < kSize; ++n) {
      const double angle = std::numbers::pi * static_cast<double>((2 * n + 1) * k) / (2.0 * kSize);
      d[k][n] = static_cast<float>(norm * std::cos(angle));
    }
  }
  return d;
}

/// a · x · bᵀ
Block product(const Block& a, const Block& x, const Block& b) {
  Block half{}, out{};
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j)
      for (std::size_t k = 0; k < kSize; ++k) half[i][j] += a[i][k] * x[k][j];
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j)
      for (std::size_t k = 0; k < kSize; ++k) out[i][j] += half[i][k] * b[j][k];
  return out;
}

Block transposed(const Block& a) {
  Block out{};
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j) out[i][j] = a[j][i];
  return out;
}

/// Where the coefficients of a plane lie. Equal frequencies of all blocks are gathered by octave, so that every subband
/// has statistics of its own: the coefficients with 2^k ≤ max(u, v) < 2^(k+1) form the bands HL, LH, HH of level 3 − k,
/// exactly as large as a wavelet's, and the block means are LL of level 3.
struct Layout {
  std::size_t rows, columns;  ///< counted in blocks; the last ones are padded by repeating the edge

  explicit Layout(const Shape& planes)
      : rows((planes[1] + kSize - 1) / kSize), columns((planes[2] + kSize - 1) / kSize) {}

  [[nodiscard]] std::size_t blocks() const { return rows * columns; }
  [[nodiscard]] std::size_t elements() const { return blocks() * kSize * kSize; }

  static std::size_t octave(std::size_t v, std::size_t u) {
    return std::max(u, v) < 2 ? 1 : std::max(u, v) < 4 ? 2 : 4;
  }

  /// Index of coefficient (v, u) of block (y, x) in its plane.
  [[nodiscard]] std::size_t at(std::size_t y, std::size_t x, std::size_t v, std::size_t u) const {
    const std::size_t s = octave(v, u);
    const std::size_t band = (v >= s ? 2U : 0U) + (u >= s ? 1U : 0U);
    return band * s * s * blocks() + (y * s + v % s) * columns * s + x * s + u % s;
  }

  [[nodiscard]] std::span<const Subband> subbands(std::size_t channels, Arena& arena) const {
    constexpr std::size_t count = 10;
    auto* out = reinterpret_cast<Subband*>(arena.alloc_bytes(channels * count * sizeof(Subband), alignof(Subband)));
    auto* next = out;
    for (std::size_t c = 0; c < channels; ++c) {
      for (const std::size_t s : {1U, 2U, 4U}) {
        for (std::size_t band = s == 1 ? 0 : 1; band < 4; ++band) *next++ = subband(c, s, band);
      }
    }
    return {out, channels * count};
  }

 private:
  [[nodiscard]] Subband subband(std::size_t channel, std::size_t s, std::size_t band) const {
    const auto level = static_cast<std::uint8_t>(s == 1 ? 3 : s == 2 ? 2 : 1);
    return {static_cast<std::uint32_t>(channel),  level,
            static_cast<Orientation>(band),       channel * elements() + band * s * s * blocks(),
            static_cast<std::uint32_t>(rows * s), static_cast<std::uint32_t>(columns * s)};
  }
};

void forward(const float* plane, float* out, std::size_t h, std::size_t w, const Layout& layout) {
  static const Block d = cosines();
  Block block{};
  for (std::size_t y = 0; y < layout.rows; ++y) {
    for (std::size_t x = 0; x < layout.columns; ++x) {
      for (std::size_t i = 0; i < kSize; ++i)
        for (std::size_t j = 0; j < kSize; ++j)
          block[i][j] = plane[std::min(y * kSize + i, h - 1) * w + std::min(x * kSize + j, w - 1)];
      const Block coefficients = product(d, block, d);
      for (std::size_t v = 0; v < kSize; ++v)
        for (std::size_t u = 0; u < kSize; ++u) out[layout.at(y, x, v, u)] = coefficients[v][u];
    }
  }
}

void backward(const float* in, float* plane, std::size_t h, std::size_t w, const Layout& layout) {
  static const Block t = transposed(cosines());
  Block coefficients{};
  for (std::size_t y = 0; y < layout.rows; ++y) {
    for (std::size_t x = 0; x < layout.columns; ++x) {
      for (std::size_t v = 0; v < kSize; ++v)
        for (std::size_t u = 0; u < kSize; ++u) coefficients[v][u] = in[layout.at(y, x, v, u)];
      const Block block = product(t, coefficients, t);
      for (std::size_t i = 0; i < std::min(kSize, h - y * kSize); ++i)
        for (std::size_t j = 0; j < std::min(kSize, w - x * kSize); ++j)
          plane[(y * kSize + i) * w + x * kSize + j] = block[i][j];
    }
  }
}

/// Planes (C, h, w) f32 → bands (C, 64·blocks) f32. Orthonormal: a quantiser's error has the same size on both sides.
class Dct8 final : public DescribedSystem {
 public:
  explicit Dct8(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::bands, "Dct8"}}}) {}

  // Files are read by this: the shape comes from outside, so it is checked before anything is allocated.
  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena& arena,
                              const Limits& limits) const override {
    const Shape& shape = input.shape;
    if (input.kind != Kind::planes || input.dtype != DType::f32 || shape.rank() != 3)
      throw Error(ErrorCode::dtype, "dct8 needs (C, h, w) f32 planes, not " + shape.str());
    if (shape[0] > limits.max_channels || shape[1] > limits.max_side || shape[2] > limits.max_side ||
        shape[1] * shape[2] > limits.max_pixels)
      throw Error(ErrorCode::limit_exceeded, "planes of " + shape.str() + " are over the limits in force");
    const Layout layout(shape);
    return {Kind::bands, DType::f32, Shape{shape[0], layout.elements()}, layout.subbands(shape[0], arena)};
  }

  void run(Group& group) const override {
    const Shape shape = group.spec().shape;
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    const auto in = group.view<float>(group.batch());
    const auto out = group.view<float>(group.output(spec));
    const Layout layout(shape);
    for (std::size_t plane = 0; plane < group.size() * shape[0]; ++plane)
      forward(&in[plane * shape[1] * shape[2]], &out[plane * layout.elements()], shape[1], shape[2], layout);
  }
};

class Dct8Inverse final : public DescribedSystem {
 public:
  explicit Dct8Inverse(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::bands, ""}}, .outputs = {{Kind::planes, ""}}, .inverse_of = "dct8"}) {}

  void run(Group& group) const override {
    const Spec& planes = group.undone_step(0)->input;  // what dct8 was given, from the trail or from the file
    const Shape shape = planes.shape;
    const auto in = group.view<float>(group.batch());
    const auto out = group.view<float>(group.output(planes));
    const Layout layout(shape);
    for (std::size_t plane = 0; plane < group.size() * shape[0]; ++plane)
      backward(&in[plane * layout.elements()], &out[plane * shape[1] * shape[2]], shape[1], shape[2], layout);
  }
};

// Without a wire_id a step is written to files by its name.
const SystemRegistration dct8{Descriptor<>{.name = "dct8",
                                           .class_name = "Dct8",
                                           .topic = "transforms",
                                           .doc = "Orthonormal 8x8 DCT of blocks.",
                                           .role = Role::forward,
                                           .inverse = "dct8_inverse",
                                           .make = make_of<Dct8>}
                                  .entry()};
const SystemRegistration dct8_inverse{Descriptor<>{.name = "dct8_inverse",
                                                   .class_name = "Dct8Inverse",
                                                   .topic = "transforms",
                                                   .doc = "Undoes Dct8.",
                                                   .role = Role::inverse,
                                                   .make = make_of<Dct8Inverse>}
                                          .entry()};

}  // namespace

VAERANS_PLUGIN("dct8")  // what makes a library of it a plugin
