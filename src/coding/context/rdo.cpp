#include "coding/context/rdo.hpp"

#include "coding/context/context_cost.hpp"

namespace vaerans {
namespace {

/// Decides index by index, as a decoder would read them.
class Decider {
 public:
  Decider(const ContextPrior& prior, std::span<const float> coefficients, float step, double lambda,
          std::span<const std::int32_t> rounded)
      : prior_(prior), coefficients_(coefficients), scale_(1 / step), lambda_(lambda / kBitUnit), rounded_(rounded) {}

  [[nodiscard]] bool zero_band(const BandVisit& band) const {
    return std::ranges::all_of(rounded_.subspan(band.offset, band.size), [](std::int32_t q) { return q == 0; });
  }
  [[nodiscard]] std::int32_t value(std::uint32_t, std::size_t place, const kernels::Context& context) const {
    const std::int32_t q = rounded_[place];
    if (q == 0) return 0;
    const std::int32_t nearer = q > 0 ? q - 1 : q + 1;
    return price(place, context, nearer) < price(place, context, q) ? nearer : q;
  }

 private:
  [[nodiscard]] double price(std::size_t place, const kernels::Context& c, std::int32_t q) const {
    const double error = double{coefficients_[place]} * scale_ - q;
    return error * error + lambda_ * cost(prior_, c.spread_class, c.phase, coded_value(c, q));
  }

  const ContextPrior& prior_;
  std::span<const float> coefficients_;
  double scale_, lambda_;
  std::span<const std::int32_t> rounded_;
};

}  // namespace

bool can_optimize(const Pyramid& pyramid) {
  const ContextPrior* const prior = context_prior(pyramid.prior.get());
  return prior != nullptr && fits(*prior, pyramid.subbands);
}

std::size_t optimize_work_bytes(std::span<const Subband> subbands) noexcept { return KnownWalk::work_bytes(subbands); }

void optimize(std::span<const float> coefficients, float step, double lambda, const Pyramid& pyramid,
              std::span<std::int32_t> indices) {
  const ContextPrior* const prior = context_prior(pyramid.prior.get());
  KnownWalk walk(*prior, pyramid, indices);
  Decider decider(*prior, coefficients, step, lambda, indices);
  walk.run(decider);
  std::ranges::copy(walk.indices(), indices.begin());
}

}  // namespace vaerans
