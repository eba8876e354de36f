// What coefficients cost the context coder: for choosing the operating point, and for rate-distortion optimisation.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/zigzag.hpp"
#include "coding/context/context_walk.hpp"

namespace vaerans {

/// A channel's classes may be moved by so many steps of two classes at most.
inline constexpr std::int32_t kMaxShift = 2;
using Shifts = std::array<std::uint64_t, 2 * kMaxShift + 1>;  ///< costs for moves by −2 … 2
[[nodiscard]] constexpr std::size_t index_of_shift(std::int32_t shift) noexcept {
  return static_cast<std::size_t>(std::int64_t{shift} + kMaxShift);
}
using ShiftsOfChannels = std::array<Shifts, ContextPrior::max_channels>;

[[nodiscard]] inline std::uint8_t moved(std::uint8_t spread_class, std::int32_t shift) {
  return static_cast<std::uint8_t>(std::clamp<std::int32_t>(spread_class + 2 * shift, 0, kernels::kContextClasses - 1));
}

/// A value as a distribution sees it: the symbol, and low bits that are coded raw.
struct Parts {
  std::int32_t high;
  std::uint32_t z;  ///< kEscape: the distribution has no place for it
};

[[nodiscard]] inline Parts split(const Distribution& d, std::int32_t v, unsigned low_bits) {
  const std::int32_t high = v >> low_bits;
  const auto z = static_cast<std::uint32_t>(positive_first_zigzag(high));
  return {high, z < kernels::kEscape && d.has(z) ? z : kernels::kEscape};
}

[[nodiscard]] inline std::uint32_t cost(const ContextPrior& prior, std::uint8_t spread_class, std::uint8_t phase,
                                        std::int32_t v) {
  const unsigned low_bits = kernels::shift_of_class(spread_class);
  const Distribution& d = prior.distribution(spread_class, phase);
  const auto z = static_cast<std::uint32_t>(positive_first_zigzag(v >> low_bits));
  if (z < kernels::kEscape) return d.cost[z] + low_bits * kBitUnit;
  return d.cost[kernels::kEscape] + (low_bits + 5 + escape_width(z)) * kBitUnit;
}

/// The value that is coded for index q.
[[nodiscard]] inline std::int32_t coded_value(const kernels::Context& context, std::int32_t q) {
  const std::int32_t v = q - context.center;
  return context.mirrored ? -v : v;
}

/// What the coder needs to know of all coefficients, whatever the operating point: found in one scan.
class CodedBands {
 public:
  /// Takes work_bytes() of `work`. The indices that the walk holds are scanned.
  CodedBands(const ContextPrior& prior, ContextWalk& walk, Workspace& work);
  [[nodiscard]] static std::size_t work_bytes(std::span<const Subband> subbands) noexcept;

  struct Coefficient {
    std::int32_t spread;  ///< without bias
    std::int32_t packed;  ///< the coded value, two bits of phase
    [[nodiscard]] std::int32_t value() const noexcept { return packed >> 2; }
    [[nodiscard]] std::uint8_t phase() const noexcept { return static_cast<std::uint8_t>(packed & 3); }
  };
  /// The coefficients of a band that is not all zero.
  [[nodiscard]] std::span<const Coefficient> of(const BandVisit& band) const noexcept {
    return coefficients_.subspan(band.offset, band.size);
  }
  /// Points and shifts are chosen by every n-th coefficient, n being this number: large pictures have more than enough.
  [[nodiscard]] std::size_t sampling() const noexcept { return coefficients_.size() > kManyCoefficients ? 4 : 1; }
  /// ContextWalk calls this for every row.
  void row(std::size_t first, std::span<const std::int32_t> spread, std::span<const std::int32_t> mean,
           std::span<const std::int32_t> q) noexcept;

  [[nodiscard]] const ContextPrior& prior() const noexcept { return prior_; }
  [[nodiscard]] const ContextWalk& walk() const noexcept { return walk_; }

 private:
  static constexpr std::size_t kManyCoefficients = 65536;
  const ContextPrior& prior_;
  const ContextWalk& walk_;
  std::span<Coefficient> coefficients_;
};

/// Whether the subbands are bands that the prior was trained for.
[[nodiscard]] bool fits(const ContextPrior& prior, std::span<const Subband> subbands) noexcept;

/// The operating point that costs least, as far as the sample tells.
[[nodiscard]] std::uint32_t best_point(const CodedBands& bands);

/// Known indices of a pyramid, gone through as a decoder would: at the point that costs them least.
class KnownWalk {
 public:
  /// Takes work_bytes() of Pyramid::work; the prior must fit the pyramid's subbands.
  KnownWalk(const ContextPrior& prior, const Pyramid& pyramid, std::span<const std::int32_t> indices)
      : work_(pyramid.work), walk_(prior, pyramid.subbands, work_), bands_(prior, loaded(walk_, indices), work_) {}
  [[nodiscard]] static std::size_t work_bytes(std::span<const Subband> subbands) noexcept {
    return ContextWalk::work_bytes(subbands) + CodedBands::work_bytes(subbands);
  }

  /// As ContextWalk::decode().
  template <typename Source>
  void run(Source& source) {
    walk_.decode(best_point(bands_), source);
  }
  /// Those that run() has left.
  [[nodiscard]] std::span<const std::int32_t> indices() const noexcept { return walk_.indices(); }

 private:
  static ContextWalk& loaded(ContextWalk& walk, std::span<const std::int32_t> indices) {
    std::ranges::copy(indices, walk.indices().begin());
    return walk;
  }

  Workspace work_;
  ContextWalk walk_;
  CodedBands bands_;
};

/// About what each channel costs at a point, for each move of its classes; moves by two are tried only where one step
/// in their direction already helps, and have an infinite cost elsewhere.
void cost_of_shifts(const CodedBands& bands, std::uint32_t point, ShiftsOfChannels& out);

}  // namespace vaerans
