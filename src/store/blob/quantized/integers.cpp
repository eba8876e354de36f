#include "store/blob/quantized/integers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/arrays/restore.hpp"
#include "kernels/arrays/turn.hpp"
#include "kernels/quantize/quantize.hpp"
#include "kernels/trellis/trellis.hpp"
#include "store/blob/fit/rotation.hpp"

namespace vaerans::blob {
namespace {

/// A row's channel.
struct Scale {
  float step, center;
};

/// Rounds each number by itself.
class Rounding {
 public:
  explicit Rounding(const Geometry& g) : g_(g), out_(g.count), split_(g.haar ? g.height * g.width : g.row_size) {}
  void clear() { std::ranges::fill(out_, 0); }
  void planes(const float* row, std::uint64_t index, const Scale& s);
  void row(const float* row, std::uint64_t index, const Scale& s);
  void columns(const float* row, std::uint64_t index, const float* divisors, const float* centers);
  [[nodiscard]] Integers take() { return std::move(out_); }

 private:
  const Geometry& g_;
  Integers out_;
  RecycledVector<float> split_;
};

// One row of one channel, with its planes split into bands.
void Rounding::planes(const float* row, std::uint64_t index, const Scale& s) {
  const auto offsets = g_.band_offsets(index);
  for (std::uint64_t plane = 0; plane < g_.planes; ++plane) {
    kernels::HaarBands<float> bands{{}, g_.height, g_.width};
    std::uint64_t at = 0;
    for (std::size_t b = 0; b < 4; at += g_.band_size(b++)) bands.band[b] = split_.data() + at;
    kernels::haar_split(row + plane * g_.height * g_.width, s.center, bands);
    for (std::size_t b = 0; b < 4; ++b) {
      const std::uint64_t n = g_.band_size(b);
      const std::span<const float> band(bands.band[b], n);
      kernels::quantize_step(band, s.step, 0.5F, std::span(out_).subspan(offsets[b] + plane * n, n));
    }
  }
}

void Rounding::row(const float* row, std::uint64_t index, const Scale& s) {
  std::transform(row, row + g_.row_size, split_.begin(), [&](float v) { return v - s.center; });
  const auto out = std::span(out_).subspan(g_.band_offsets(index)[0], g_.row_size);
  kernels::quantize_step(std::span<const float>(split_), s.step, 0.5F, out);
}

// A row of one number of each channel. Without branches, so that any compiler makes vectors of it.
void Rounding::columns(const float* row, std::uint64_t index, const float* divisors, const float* centers) {
  constexpr auto kMost = static_cast<float>(1 << 30);
  std::int32_t* const out = out_.data() + index * g_.row_size;
  for (std::size_t c = 0; c < g_.row_size; ++c) {
    const float v = (row[c] - centers[c]) / divisors[c];
    const float rounded = v + std::copysign(0.5F, v);
    out[c] = static_cast<std::int32_t>(std::min(std::max(rounded, -kMost), kMost));
  }
}

/// Gathers all numbers in steps, then lets the trellis choose.
class Choosing {
 public:
  explicit Choosing(const Geometry& g)
      : g_(g), steps_((g.count + kernels::kTrellisLanes - 1) / kernels::kTrellisLanes * kernels::kTrellisLanes) {
    std::fill(steps_.begin() + static_cast<std::ptrdiff_t>(g.count), steps_.end(), 0.0F);
  }
  void clear() { std::ranges::fill(steps_, 0.0F); }
  void planes(const float* row, std::uint64_t index, const Scale& s);
  void row(const float* row, std::uint64_t index, const Scale& s);
  void columns(const float* row, std::uint64_t index, const float* divisors, const float* centers);
  [[nodiscard]] Integers take();

 private:
  const Geometry& g_;
  RecycledRoom<float> steps_;  // padded to whole rows of lanes
};

void Choosing::planes(const float* row, std::uint64_t index, const Scale& s) {
  const auto offsets = g_.band_offsets(index);
  const float inverse = 1 / s.step;
  for (std::uint64_t plane = 0; plane < g_.planes; ++plane) {
    kernels::HaarBands<float> bands{{}, g_.height, g_.width};
    for (std::size_t b = 0; b < 4; ++b) bands.band[b] = steps_.data() + offsets[b] + plane * g_.band_size(b);
    kernels::haar_split(row + plane * g_.height * g_.width, s.center, bands);
    for (std::size_t b = 0; b < 4; ++b) {
      for (float& v : std::span(bands.band[b], g_.band_size(b))) v *= inverse;
    }
  }
}

void Choosing::row(const float* row, std::uint64_t index, const Scale& s) {
  const float inverse = 1 / s.step;
  float* const out = steps_.data() + g_.band_offsets(index)[0];
  std::transform(row, row + g_.row_size, out, [&](float v) { return (v - s.center) * inverse; });
}

void Choosing::columns(const float* row, std::uint64_t index, const float* divisors, const float* centers) {
  float* const out = steps_.data() + index * g_.row_size;
  for (std::uint64_t c = 0, n = g_.row_size; c < n; ++c) out[c] = (row[c] - centers[c]) / divisors[c];
}

Integers Choosing::take() {
  Integers out(steps_.size());
  RecycledRoom<std::uint8_t> room(steps_.size());
  kernels::search_trellis(steps_, room, out);
  out.resize(g_.count);
  return out;
}

/// The steps, and infinity for a constant channel, whose integers are 0.
RecycledVector<float> divisors_of(const Steps& steps) {
  RecycledVector<float> out(steps.step.begin(), steps.step.end());
  for (float& step : out) step = step == 0 ? std::numeric_limits<float>::infinity() : step;
  return out;
}

/// Numbers of all channels to those that are coded, in steps: some hundred at a time, side by side, since whole rows
/// lie a power of two apart, where a cache has room for few of them.
class Turn {
 public:
  Turn(const Geometry& g, const Steps& steps, RecycledVector<float> matrix)
      : g_(g), steps_(steps), matrix_(std::move(matrix)) {}

  void operator()(const float* in, float* out) const {
    RecycledRoom<float> moved(g_.channels * kBlock);
    for (std::uint64_t begin = 0; begin < g_.row_size; begin += kBlock) {
      const std::uint64_t count = std::min(kBlock, g_.row_size - begin);
      for (std::uint64_t c = 0; c < g_.channels; ++c) {
        const float* const from = in + c * g_.row_size + begin;
        const float center = steps_.center[c], scale = steps_.step[c] == 0 ? 0 : 1 / steps_.step[c];
        std::transform(from, from + count, moved.data() + c * count, [&](float v) { return (v - center) * scale; });
      }
      kernels::turn_channels(matrix_.data(), g_.channels, moved.data(), count, out + begin, g_.row_size);
    }
  }

 private:
  static constexpr std::uint64_t kBlock = 256;
  const Geometry& g_;
  const Steps& steps_;
  RecycledVector<float> matrix_;
};

/// All channels at a place together: those that are coded, in steps.
template <class Way>
Integers by_rotated(Way way, std::span<const float> x, const Header& h) {
  const Geometry& g = h.geometry;
  const Steps steps = steps_of(h);
  const Turn turn(g, steps, inverse_rotation(h));
  RecycledRoom<float> turned(g.channels * g.row_size);
  for (std::uint64_t first = 0; first < g.rows; first += g.channels) {
    turn(x.data() + first * g.row_size, turned.data());
    for (std::uint64_t c = 0; c < g.channels; ++c) {
      const float* const from = turned.data() + c * g.row_size;
      if (g.haar) way.planes(from, first + c, {1, 0});
      if (!g.haar) way.row(from, first + c, {1, 0});
    }
  }
  return way.take();
}

template <class Way>
Integers by(Way way, std::span<const float> x, const Header& h) {
  if (!h.rotation.empty()) return by_rotated(std::move(way), x, h);
  const Geometry& g = h.geometry;
  const Steps steps = steps_of(h);
  const RecycledVector<float> divisors = divisors_of(steps);
  if (std::ranges::find(steps.step, 0.0F) != steps.step.end()) way.clear();  // the integers of a constant channel are 0
  for (std::uint64_t row = 0; row < g.rows; ++row) {
    const float* const from = x.data() + row * g.row_size;
    if (g.columns) {
      way.columns(from, row, divisors.data(), steps.center.data());
      continue;
    }
    const Scale scale{steps.step[g.channel_of(row)], steps.center[g.channel_of(row)]};
    if (scale.step == 0) continue;
    if (g.haar) way.planes(from, row, scale);
    if (!g.haar) way.row(from, row, scale);
  }
  return way.take();
}

}  // namespace

Integers integers_of(std::span<const float> x, const Header& h) {
  return h.trellis ? by(Choosing(h.geometry), x, h) : by(Rounding(h.geometry), x, h);
}

}  // namespace vaerans::blob
