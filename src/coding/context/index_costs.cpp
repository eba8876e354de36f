#include "coding/context/index_costs.hpp"

#include "coding/context/context_cost.hpp"

namespace vaerans {
namespace {

/// Goes the way of a decoder of known indices, and prices two neighbours at each place.
class Pricer {
 public:
  Pricer(const ContextPrior& prior, std::span<const std::int32_t> indices, std::span<const std::int32_t> floors,
         std::span<float> rises)
      : prior_(prior), indices_(indices), floors_(floors), rises_(rises) {}

  // Bands without an index have prices, too.
  [[nodiscard]] static bool zero_band(const BandVisit&) { return false; }
  [[nodiscard]] std::int32_t value(std::uint32_t, std::size_t place, const kernels::Context& context) const {
    const std::int32_t low = floors_[place];
    rises_[place] = price(context, low + 1) - price(context, low);
    return indices_[place];
  }

 private:
  [[nodiscard]] float price(const kernels::Context& c, std::int32_t q) const {
    return static_cast<float>(cost(prior_, c.spread_class, c.phase, coded_value(c, q))) / kBitUnit;
  }

  const ContextPrior& prior_;
  std::span<const std::int32_t> indices_, floors_;
  std::span<float> rises_;
};

}  // namespace

std::size_t rises_work_bytes(std::span<const Subband> subbands) noexcept { return KnownWalk::work_bytes(subbands); }

void rises_in_bits(const Pyramid& pyramid, std::span<const std::int32_t> indices, std::span<const std::int32_t> floors,
                   std::span<float> rises) {
  const ContextPrior* const prior = context_prior(pyramid.prior.get());
  KnownWalk walk(*prior, pyramid, indices);
  Pricer pricer(*prior, indices, floors, rises);
  walk.run(pricer);
}

}  // namespace vaerans
