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
  [[nodiscard]] bool is_constant(std::uint64_t channel) const { return low[channel] == high[channel]; }
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

/// Sums of squared distances from the mean; 0 for a constant channel.
std::vector<double> squares_of(std::span<const float> x, const Geometry& g, const Sums& sums,
                               std::span<const Channel> channels) {
  std::vector<double> squares(g.channels);
  for (std::uint64_t row = 0; row < g.rows; ++row) {
    const auto part = x.subspan(row * g.row_size, g.row_size);
    if (!g.columns) {
      const std::uint64_t c = g.channel_of(row);
      if (!sums.is_constant(c)) squares[c] += kernels::sum_of_squares(part, static_cast<float>(channels[c].mean));
      continue;
    }
    for (std::uint64_t c = 0; c < g.channels; ++c) {
      const double distance = part[c] - channels[c].mean;
      squares[c] += distance * distance;
    }
  }
  return squares;
}

/// Whether the mean may be so far off that a deviation from it is a thousandth too large or more: it was added up in
/// floats, some millionths apart, and distances were taken from it as a float.
bool is_doubtful(const Channel& c) {
  const double rounded = std::abs(c.mean - double{static_cast<float>(c.mean)});
  return std::max(8e-6 * std::abs(c.mean), rounded) > 0.03 * c.deviation;
}

/// Mean and deviation of a channel with rows of its own, all of it in doubles.
Channel in_doubles(std::span<const float> x, const Geometry& g, std::uint64_t channel, double n) {
  const auto sum = [&](auto term) {
    double total = 0;
    for (std::uint64_t row = channel; row < g.rows; row += g.channels) {
      for (const float v : x.subspan(row * g.row_size, g.row_size)) total += term(v);
    }
    return total;
  };
  const double mean = sum([](double v) { return v; }) / n;
  return {mean, std::sqrt(sum([=](double v) { return (v - mean) * (v - mean); }) / n)};
}

}  // namespace

std::vector<Channel> channels_of(std::span<const float> x, const Geometry& g) {
  const Sums sums = sums_of(x, g);
  const double n = static_cast<double>(g.count) / static_cast<double>(g.channels);
  std::vector<Channel> out(g.channels);
  for (std::uint64_t c = 0; c < g.channels; ++c) out[c].mean = sums.of[c] / n;
  const std::vector<double> squares = squares_of(x, g, sums, out);
  for (std::uint64_t c = 0; c < g.channels; ++c) {
    const bool constant = sums.is_constant(c);
    if (constant) out[c].mean = sums.low[c];
    out[c].deviation = constant ? 0 : std::sqrt(squares[c] / n);
    if (!constant && !g.columns && is_doubtful(out[c])) out[c] = in_doubles(x, g, c, n);
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
