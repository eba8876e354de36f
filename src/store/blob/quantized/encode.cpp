#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/arrays/restore.hpp"
#include "kernels/quantize/quantize.hpp"
#include "store/blob/quantized/bank.hpp"
#include "store/blob/quantized/quantized.hpp"
#include "store/blob/quantized/spreads.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {
namespace {

using Integers = RecycledVector<std::int32_t>;

// Sections of fewer symbols cost more in bytes than a spread of their own gains.
constexpr std::uint64_t kLeastSection = 512;
// 16-bit symbols where more than one number in so many lies beyond 8 bits.
constexpr std::uint64_t kRare = 4096;
// More exceptions than one number in so many: another alphabet is tried, and beyond the wider one the step is too fine.
constexpr std::uint64_t kTooMany = 64, kAlwaysAllowed = 16;

bool too_many(std::uint64_t exceptions, std::uint64_t count) {
  return exceptions > std::max(kAlwaysAllowed, count / kTooMany);
}

std::uint64_t count_beyond(const Integers& q, std::int32_t reach) {
  return static_cast<std::uint64_t>(std::ranges::count_if(q, [&](std::int32_t v) { return v > reach || v < -reach; }));
}

std::uint64_t rows_per_section(const Geometry& g) {
  const std::uint64_t in_band = std::max<std::uint64_t>(1, g.planes * g.band_size(g.bands() - 1));
  return std::clamp<std::uint64_t>(kLeastSection / in_band, 1, g.rows);
}

// One row of one channel, with its planes split into bands.
void quantize_planes(const float* row, const Geometry& g, std::uint64_t index, float step, float center, Integers& q) {
  const auto offsets = g.band_offsets(index);
  RecycledVector<float> split(g.height * g.width);
  for (std::uint64_t plane = 0; plane < g.planes; ++plane) {
    kernels::HaarBands<float> bands{{}, g.height, g.width};
    std::uint64_t at = 0;
    for (std::size_t b = 0; b < 4; at += g.band_size(b++)) bands.band[b] = split.data() + at;
    kernels::haar_split(row + plane * g.height * g.width, center, bands);
    for (std::size_t b = 0; b < 4; ++b) {
      const std::uint64_t n = g.band_size(b);
      const std::span<const float> band(bands.band[b], n);
      kernels::quantize_step(band, step, 0.5F, std::span(q).subspan(offsets[b] + plane * n, n));
    }
  }
}

void quantize_row(const float* row, const Geometry& g, std::uint64_t index, float step, float center, Integers& q) {
  RecycledVector<float> moved(g.row_size);
  std::transform(row, row + g.row_size, moved.begin(), [&](float v) { return v - center; });
  const auto out = std::span(q).subspan(g.band_offsets(index)[0], g.row_size);
  kernels::quantize_step(std::span<const float>(moved), step, 0.5F, out);
}

// A row of one number of each channel. Without branches, so that any compiler makes vectors of it.
void quantize_columns(const float* row, const float* divisors, const float* centers, std::span<std::int32_t> out) {
  constexpr auto kMost = static_cast<float>(1 << 30);
  for (std::size_t c = 0; c < out.size(); ++c) {
    const float v = (row[c] - centers[c]) / divisors[c];
    const float rounded = v + std::copysign(0.5F, v);
    out[c] = static_cast<std::int32_t>(std::min(std::max(rounded, -kMost), kMost));
  }
}

/// The steps, and infinity for a constant channel, whose integers are 0.
RecycledVector<float> divisors_of(const Steps& steps) {
  RecycledVector<float> out(steps.step.begin(), steps.step.end());
  for (float& step : out) step = step == 0 ? std::numeric_limits<float>::infinity() : step;
  return out;
}

Integers quantize(std::span<const float> x, const Header& h) {
  const Geometry& g = h.geometry;
  const Steps steps = steps_of(h);
  const RecycledVector<float> divisors = divisors_of(steps);
  Integers q(g.count);
  for (std::uint64_t row = 0; row < g.rows; ++row) {
    const float* const from = x.data() + row * g.row_size;
    if (g.columns) {
      const auto out = std::span(q).subspan(row * g.row_size, g.row_size);
      quantize_columns(from, divisors.data(), steps.center.data(), out);
      continue;
    }
    const float step = steps.step[g.channel_of(row)], center = steps.center[g.channel_of(row)];
    if (step == 0) continue;  // a constant channel: the integers stay 0
    if (g.haar) quantize_planes(from, g, row, step, center, q);
    if (!g.haar) quantize_row(from, g, row, step, center, q);
  }
  return q;
}

// The symbols of a section; integers beyond its table become the nearest one that has a symbol, and exceptions.
template <class Symbol>
void to_symbols(std::span<const std::int32_t> q, const BankTable& table, std::uint64_t first, Symbol* out,
                RecycledVector<Exception>& exceptions) {
  constexpr std::size_t kBlock = 256;
  const std::int32_t low = table.low, high = table.high;
  for (std::size_t begin = 0; begin < q.size(); begin += kBlock) {
    const std::size_t end = std::min(q.size(), begin + kBlock);
    std::int32_t differs = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::int32_t near = std::min(std::max(q[i], low), high);
      differs |= near ^ q[i];
      out[i] = static_cast<Symbol>(near + Alphabet<Symbol>::zero);
    }
    if (differs == 0) continue;
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t beyond = std::int64_t{q[i]} - std::min(std::max(q[i], low), high);
      if (beyond != 0) exceptions.push_back({first + i, beyond});
    }
  }
}

template <class Symbol>
RecycledVector<std::uint32_t> encode_symbols(const Integers& q, Header& h) {
  using A = Alphabet<Symbol>;
  RecycledVector<Symbol> symbols(q.size());
  h.sections.clear();
  h.exceptions.clear();
  for_each_section(h.geometry, [&](const Section& s) {
    const auto part = std::span(q).subspan(s.first, s.size);
    h.sections.push_back(best_spread(part, A::precision, A::zero - 1));
    to_symbols(part, bank_table<Symbol>(h.sections.back()), s.first, symbols.data() + s.first, h.exceptions);
  });
  const auto table = [&](std::size_t i) -> const kernels::EncodeTable& {
    return bank_table<Symbol>(h.sections[i]).encode;
  };
  return encode_words<Symbol>(symbols, h.geometry, 1U << h.log2_lanes, table);
}

}  // namespace

RecycledVector<std::uint32_t> encode_quantized(std::span<const float> x, Header& h) {
  h.geometry.rows_per_section = rows_per_section(h.geometry);
  h.log2_lanes = log2_lanes_for(h.geometry.count);
  const Integers q = quantize(x, h);
  if (too_many(count_beyond(q, Alphabet<std::uint16_t>::zero - 1), q.size()))
    throw Error(ErrorCode::bad_parameter,
                "the target asks for steps so fine that the numbers go thousands of steps from their mean; use a "
                "coarser target, or lossless with f16 or bf16 numbers");
  h.wide = count_beyond(q, Alphabet<std::uint8_t>::zero - 1) > q.size() / kRare;
  if (!h.wide) {
    auto words = encode_symbols<std::uint8_t>(q, h);
    // Numbers that lie far apart, and most of them together: the wider alphabet's tables reach further.
    if (!too_many(h.exceptions.size(), q.size())) return words;
    h.wide = true;
  }
  return encode_symbols<std::uint16_t>(q, h);
}

}  // namespace vaerans::blob
