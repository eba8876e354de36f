#include "coding/context/context_prior.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/checksum.hpp"
#include "kernels/rans/rans.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

using kernels::kContextAlphabet;
using kernels::kEscape;

constexpr std::string_view magic = "VPRI";
constexpr std::uint8_t version = 2;

void fill_costs(Distribution& d) {
  const std::uint16_t escape = interval_cost(d.interval(kEscape));
  for (std::uint32_t z = 0; z < kContextAlphabet; ++z) {
    d.cost[z] =
        d.has(z) ? interval_cost(d.interval(z)) : static_cast<std::uint16_t>(escape + (5 + escape_width(z)) * kBitUnit);
  }
}

Distribution read_distribution(ByteReader& in) {
  Distribution d;
  const std::uint8_t n = in.u8();
  if (n > kEscape) in.corrupt("a distribution has too many symbols");
  std::uint64_t at = 0;
  for (std::uint32_t z = 0; z < kContextAlphabet; ++z) {
    d.start[z] = static_cast<std::uint16_t>(at);
    if (z >= n) continue;
    at += in.count(kernels::kIntervalSlots, "frequency");
    if (at >= kernels::kIntervalSlots) in.corrupt("the frequencies of a distribution leave nothing for the escape");
  }
  d.start[kContextAlphabet] = kernels::kIntervalSlots;
  fill_costs(d);
  return d;
}

std::int32_t bounded(ByteReader& in, std::int64_t value, std::int64_t limit) {
  if (value > limit || value < -limit) in.corrupt("a weight is out of range");
  return static_cast<std::int32_t>(value);
}

void read_row_of_channel(ByteReader& in, ContextPrior& prior) {
  kernels::ContextWeights w;
  for (auto& m : w.magnitude) m = bounded(in, in.svarint(), kernels::kMaxWeight);
  for (auto& m : w.mean) m = bounded(in, in.svarint(), kernels::kMaxWeight);
  prior.weights.push_back(w);
  for (std::uint32_t p = 0; p < prior.points; ++p) {
    prior.bias.push_back(bounded(in, in.svarint(), kernels::kMaxBias));
  }
}

void read_zero_bands(ByteReader& in, ContextPrior& prior) {
  for (auto& of_parent : prior.zero) {
    for (auto& freq : of_parent) {
      freq = static_cast<std::uint16_t>(in.count(kernels::kIntervalSlots - 1, "frequency"));
      if (freq == 0) in.corrupt("zero bands are given no slot");
    }
  }
}

// Residuals know no model: theirs is part of the library.
constexpr std::uint8_t residual_prior_file[] = {
#include "coding/context/residual_prior.inc"
};

}  // namespace

std::uint16_t interval_cost(kernels::Interval i) {
  const std::uint64_t bits = (std::uint64_t{kernels::kIntervalBits} << 32U) - kernels::log2_q32(i.freq);
  return static_cast<std::uint16_t>(bits >> 22U);
}

kernels::Interval ContextPrior::zero_band(std::uint64_t n, std::int32_t bias_of_band, Above above,
                                          bool is_zero) const noexcept {
  const Distribution& d = distribution(kernels::class_of_spread(bias_of_band), 0);
  const std::uint64_t expected = n * (kernels::kIntervalSlots - d.interval(0).freq);
  const std::size_t size = std::min<std::size_t>(std::bit_width(expected >> 10U), expectations - 1);
  const std::uint16_t freq = zero[size][static_cast<std::size_t>(above)];
  if (is_zero) return {0, freq};
  return {freq, static_cast<std::uint16_t>(kernels::kIntervalSlots - freq)};
}

ContextPrior parse_prior(std::span<const std::byte> file) {
  ByteReader in(file, "context prior");
  const auto head = in.take(magic.size());
  if (!std::equal(head.begin(), head.end(), std::as_bytes(std::span(magic)).begin())) in.corrupt("it is not a prior");
  if (in.u8() != version) in.corrupt("it is of another version");
  ContextPrior prior;
  prior.id = crc32_of(file);
  prior.channels = std::uint32_t{in.u8()} + 1;
  prior.levels = in.u8();
  prior.points = in.u8();
  if (prior.levels == 0 || prior.levels > ContextPrior::max_levels || prior.points == 0)
    in.corrupt("its levels or points are out of range");
  for (unsigned i = 0; i < kernels::kContextClasses * kernels::kContextPhases; ++i) {
    prior.distributions.push_back(read_distribution(in));
  }
  read_zero_bands(in, prior);
  for (std::uint32_t i = 0; i < (1 + 3 * prior.levels) * prior.channels; ++i) read_row_of_channel(in, prior);
  in.expect_end();
  return prior;
}

std::shared_ptr<const ContextPrior> residual_prior() {
  static const auto prior =
      std::make_shared<const ContextPrior>(parse_prior(std::as_bytes(std::span(residual_prior_file))));
  return prior;
}

const ContextPrior* context_prior(const EntropyPrior* prior) noexcept {
  return dynamic_cast<const ContextPrior*>(prior);
}

}  // namespace vaerans
