#include "kernels/band_context.hpp"

namespace vaerans::kernels {
namespace {

using Row = std::span<std::int32_t>;

// Row y of a plane shifted by dx: out[x] += weight * f(plane(y, x + dx)) wherever that lies inside.
template <class Value>
void add_row(Row out, BandPlane p, std::int64_t y, std::int64_t dx, std::int32_t weight, Value value) noexcept {
  if (weight == 0 || p.data == nullptr || y < 0 || y >= std::int64_t{p.h}) return;
  const std::int32_t* const row = p.data + y * p.w;
  const std::int64_t first = std::max<std::int64_t>(0, -dx);
  const std::int64_t last = std::min<std::int64_t>(static_cast<std::int64_t>(out.size()), p.w - dx);
  for (std::int64_t x = first; x < last; ++x) out[static_cast<std::size_t>(x)] += weight * value(row[x + dx]);
}

// The same for a plane of half the resolution: out[x] += weight * f(plane(y / 2, x / 2)).
template <class Value>
void add_coarse_row(Row out, BandPlane p, std::uint32_t y, std::int32_t weight, Value value) noexcept {
  if (weight == 0 || p.data == nullptr || y / 2 >= p.h) return;
  const std::int32_t* const row = p.data + std::size_t{y / 2} * p.w;
  const std::size_t last = std::min<std::size_t>(out.size(), 2 * std::size_t{p.w});
  for (std::size_t x = 0; x < last; ++x) out[x] += weight * value(row[x / 2]);
}

constexpr auto as_magnitude = [](std::int32_t q) noexcept { return magnitude_of(q); };
constexpr auto as_mean = [](std::int32_t q) noexcept { return std::clamp(q, -kMaxIndexForMean, kMaxIndexForMean); };

void add_cross(Row out, BandPlane p, std::int64_t y, std::int32_t weight) noexcept {
  add_row(out, p, y - 1, 0, weight, as_magnitude);
  add_row(out, p, y + 1, 0, weight, as_magnitude);
  add_row(out, p, y, -1, weight, as_magnitude);
  add_row(out, p, y, 1, weight, as_magnitude);
}

void spread_row(const BandNeighbours& n, const ContextWeights& weights, BandPlane band, std::int64_t y,
                Row out) noexcept {
  const auto& w = weights.magnitude;
  add_row(out, band, y - 1, 0, w[kNorth], as_magnitude);
  add_row(out, band, y - 1, -1, w[kNorthDiagonals], as_magnitude);
  add_row(out, band, y - 1, 1, w[kNorthDiagonals], as_magnitude);
  add_row(out, band, y - 2, 0, w[kSecondNeighbours], as_magnitude);
  add_coarse_row(out, n.parent, static_cast<std::uint32_t>(y), w[kParent], as_magnitude);
  add_row(out, n.sibling[0], y, 0, w[kSibling0], as_magnitude);
  add_row(out, n.sibling[1], y, 0, w[kSibling1], as_magnitude);
  add_row(out, n.previous[0], y, 0, w[kPrevious], as_magnitude);
  add_cross(out, n.previous[0], y, w[kPreviousCross]);
  add_row(out, n.sum, y, 0, w[kSum], as_magnitude);
  add_cross(out, n.sum, y, w[kSumCross]);
  add_coarse_row(out, n.parent_sum, static_cast<std::uint32_t>(y), w[kParentSum], as_magnitude);
}

void mean_row(const BandNeighbours& n, const ContextWeights& weights, BandPlane band, std::int64_t y,
              Row out) noexcept {
  const auto& w = weights.mean;
  add_row(out, band, y - 1, 0, w[kMeanNorth], as_mean);
  add_row(out, band, y - 1, -1, w[kMeanNorthWest], as_mean);
  add_row(out, band, y - 1, 1, w[kMeanNorthEast], as_mean);
  add_coarse_row(out, n.parent, static_cast<std::uint32_t>(y), w[kMeanParent], as_mean);
  for (std::size_t i = 0; i < n.previous.size(); ++i) add_row(out, n.previous[i], y, 0, w[kMeanPrevious0 + i], as_mean);
}

}  // namespace

void context_row(const BandNeighbours& n, const ContextWeights& weights, std::int32_t bias, BandPlane band,
                 std::uint32_t y, std::span<std::int32_t> spread, std::span<std::int32_t> mean) noexcept {
  std::ranges::fill(spread, bias);
  std::ranges::fill(mean, 0);
  spread_row(n, weights, band, y, spread);
  mean_row(n, weights, band, y, mean);
}

}  // namespace vaerans::kernels
