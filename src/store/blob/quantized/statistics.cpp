#include "store/blob/quantized/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/arrays/restore.hpp"
#include "kernels/arrays/sums.hpp"
#include "kernels/quantize/quantize.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::blob {
namespace {

/// Sums of each column, or of each row's channel.
struct Sums {
  std::vector<double> of;
  std::vector<float> low, high;

  explicit Sums(std::uint64_t channels) : of(channels), low(channels, HUGE_VALF), high(channels, -HUGE_VALF) {}
};

[[noreturn]] void refuse(std::uint64_t channel) {
  throw Error(ErrorCode::non_finite, "channel " + std::to_string(channel) +
                                         " has NaN or infinite values; repair them, or keep them with lossless");
}

void add_columns(std::span<const float> row, Sums& sums) {
  for (std::size_t c = 0; c < row.size(); ++c) {
    sums.of[c] += row[c];
    sums.low[c] = std::min(sums.low[c], row[c]);
    sums.high[c] = std::max(sums.high[c], row[c]);
  }
}

void add_row(std::span<const float> row, std::uint64_t channel, Sums& sums) {
  const kernels::Range range = kernels::min_max(row);
  if (!range.finite) refuse(channel);
  sums.of[channel] += kernels::sum_of(row);
  sums.low[channel] = std::min(sums.low[channel], range.min);
  sums.high[channel] = std::max(sums.high[channel], range.max);
}

Sums sums_of(std::span<const float> x, const Geometry& g) {
  Sums sums(g.channels);
  for (std::uint64_t row = 0; row < g.rows; ++row) {
    const auto part = x.subspan(row * g.row_size, g.row_size);
    if (g.columns) add_columns(part, sums);
    if (!g.columns) add_row(part, g.channel_of(row), sums);
  }
  for (std::uint64_t c = 0; c < g.channels; ++c) {
    if (!std::isfinite(sums.of[c])) refuse(c);
  }
  return sums;
}

std::vector<double> squares_of(std::span<const float> x, const Geometry& g, std::span<const Channel> channels) {
  std::vector<double> squares(g.channels);
  for (std::uint64_t row = 0; row < g.rows; ++row) {
    const auto part = x.subspan(row * g.row_size, g.row_size);
    if (!g.columns) {
      const std::uint64_t c = g.channel_of(row);
      squares[c] += kernels::sum_of_squares(part, static_cast<float>(channels[c].mean));
      continue;
    }
    for (std::uint64_t c = 0; c < g.channels; ++c) {
      const double distance = part[c] - channels[c].mean;
      squares[c] += distance * distance;
    }
  }
  return squares;
}

}  // namespace

std::vector<Channel> channels_of(std::span<const float> x, const Geometry& g) {
  const Sums sums = sums_of(x, g);
  const double n = static_cast<double>(g.count) / static_cast<double>(g.channels);
  std::vector<Channel> out(g.channels);
  for (std::uint64_t c = 0; c < g.channels; ++c) out[c].mean = sums.of[c] / n;
  const std::vector<double> squares = squares_of(x, g, out);
  for (std::uint64_t c = 0; c < g.channels; ++c) {
    const bool constant = sums.low[c] == sums.high[c];
    if (constant) out[c].mean = sums.low[c];
    // Numbers that differ have a deviation, even where squares of the differences are too small for a float.
    const double least = std::max(1e-30, 1e-9 * (double{sums.high[c]} - sums.low[c]));
    out[c].deviation = constant ? 0 : std::max(least, std::sqrt(squares[c] / n));
  }
  return out;
}

Errors errors_between(std::span<const float> x, std::span<const float> decoded, const Geometry& g,
                      std::span<const Channel> channels) {
  std::vector<double> squares(g.channels);
  Errors out;
  for (std::uint64_t row = 0; row < g.rows; ++row) {
    const auto a = x.subspan(row * g.row_size, g.row_size), b = decoded.subspan(row * g.row_size, g.row_size);
    if (!g.columns) {
      const kernels::Difference d = kernels::difference(a, b);
      squares[g.channel_of(row)] += d.squares;
      out.largest = std::max<double>(out.largest, d.largest);
      continue;
    }
    for (std::uint64_t c = 0; c < g.channels; ++c) {
      const double d = double{a[c]} - b[c];
      squares[c] += d * d;
      out.largest = std::max(out.largest, std::abs(d));
    }
  }
  const double n = static_cast<double>(g.count) / static_cast<double>(g.channels);
  double sum = 0, varied = 0;
  for (std::uint64_t c = 0; c < g.channels; ++c) {
    if (channels[c].deviation == 0) continue;
    sum += squares[c] / n / (channels[c].deviation * channels[c].deviation);
    ++varied;
  }
  out.rmse = varied == 0 ? 0 : std::sqrt(sum / varied);
  return out;
}

std::span<const float> as_floats(const void* data, NumberType type, std::uint64_t count, RecycledRoom<float>& memory) {
  if (type == NumberType::f32) return {static_cast<const float*>(data), count};
  memory.resize(count);
  if (type == NumberType::f16) kernels::widen({static_cast<const kernels::Half*>(data), count}, memory.data());
  if (type == NumberType::bf16) kernels::widen({static_cast<const kernels::Brain*>(data), count}, memory.data());
  return memory;
}

}  // namespace vaerans::blob
