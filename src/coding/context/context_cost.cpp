#include "coding/context/context_cost.hpp"

#include <limits>

namespace vaerans {
namespace {

/// What a band that is not all zero costs in 1/1024 bit, without the flag that says so. Scaled up from a sample.
std::uint64_t cost_of_band(const CodedBands& bands, const BandVisit& band, std::uint32_t point, std::int32_t shift) {
  const ContextPrior& prior = bands.prior();
  const std::int32_t bias = prior.bias_of(band.row, point);
  const std::size_t step = bands.sampling();
  const auto all = bands.of(band);
  std::uint64_t sum = 0;
  for (std::size_t i = step / 2; i < all.size(); i += step) {
    const auto& c = all[i];
    sum += cost(prior, moved(kernels::class_of_spread(c.spread + bias), shift), c.phase(), c.value());
  }
  return sum * step;
}

std::uint64_t cost_of_flag(const ContextPrior& prior, const BandVisit& band, std::uint32_t point, bool zero) {
  return interval_cost(prior.zero_band(band.size, prior.bias_of(band.row, point), band.above, zero));
}

/// What all bands cost at an operating point, in 1/1024 bit.
std::uint64_t cost_at(const CodedBands& bands, std::uint32_t point) {
  std::uint64_t sum = 0;
  bands.walk().for_each_band(false, [&](const BandVisit& band, bool zero) {
    sum += cost_of_flag(bands.prior(), band, point, zero);
    if (!zero) sum += cost_of_band(bands, band, point, 0);
  });
  return sum;
}

}  // namespace

CodedBands::CodedBands(const ContextPrior& prior, ContextWalk& walk, Workspace& work)
    : prior_(prior), walk_(walk), coefficients_(work.take<Coefficient>(walk.size())) {
  walk.scan(*this);
}

std::size_t CodedBands::work_bytes(std::span<const Subband> subbands) noexcept {
  std::size_t n = 0;
  for (const Subband& s : subbands) n += s.size();
  return Workspace::bytes<Coefficient>(n);
}

void CodedBands::row(std::size_t first, std::span<const std::int32_t> spread, std::span<const std::int32_t> mean,
                     std::span<const std::int32_t> q) noexcept {
  Coefficient* const out = coefficients_.data() + first;
  for (std::size_t x = 0; x < q.size(); ++x) {
    const kernels::Context context = kernels::context_of(0, mean[x]);
    out[x] = {spread[x], coded_value(context, q[x]) * 4 + context.phase};
  }
}

bool fits(const ContextPrior& prior, std::span<const Subband> subbands) noexcept {
  const auto layout = BandLayout::of(subbands);
  return layout && layout->channels == prior.channels && layout->levels >= 1 && layout->levels <= prior.levels;
}

// Downhill from the middle, because the cost has one valley.
std::uint32_t best_point(const CodedBands& bands) {
  const std::uint32_t points = bands.prior().points;
  std::uint32_t best = points / 2;
  std::uint64_t least = cost_at(bands, best);
  for (const int direction : {-1, 1}) {
    const std::uint32_t start = best;
    while (direction < 0 ? best > 0 : best + 1 < points) {
      const std::uint32_t next = direction < 0 ? best - 1 : best + 1;
      const std::uint64_t bits = cost_at(bands, next);
      if (bits >= least) break;
      best = next;
      least = bits;
    }
    if (best != start) break;
  }
  return best;
}

void cost_of_shifts(const CodedBands& bands, std::uint32_t point, ShiftsOfChannels& out) {
  constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max() / 2;
  for (Shifts& of_channel : out) of_channel.fill(kNever);
  for (const std::int32_t shift : {0, -1, 1, -2, 2}) {
    const auto is_wanted = [&](const Shifts& known) {
      return shift / 2 == 0 || known[index_of_shift(shift / 2)] < known[index_of_shift(0)];
    };
    bands.walk().for_each_band(false, [&](const BandVisit& band, bool zero) {
      Shifts& of_channel = out[band.channel];
      if (!is_wanted(of_channel)) return;
      std::uint64_t& sum = of_channel[index_of_shift(shift)];
      if (sum == kNever) sum = 0;
      sum += cost_of_flag(bands.prior(), band, point, zero);
      if (!zero) sum += cost_of_band(bands, band, point, shift);
    });
  }
}

}  // namespace vaerans
