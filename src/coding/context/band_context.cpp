#include "coding/context/band_context.hpp"

namespace vaerans::kernels {
namespace {

/// The four places beside (0, 0): north, south, west, east.
std::array<std::ptrdiff_t, 4> beside(std::ptrdiff_t stride) { return {-stride, stride, -1, 1}; }

/// Calls body(offset) for the four places of beside(), or for the four places diagonally beside (0, 0).
template <typename Body>
void cross(std::ptrdiff_t stride, Body body) {
  for (const std::ptrdiff_t offset : beside(stride)) body(offset);
}
template <typename Body>
void diagonals(std::ptrdiff_t stride, Body body) {
  for (const std::ptrdiff_t offset : {-stride - 1, -stride + 1, stride - 1, stride + 1}) body(offset);
}

}  // namespace

BandTaps::BandTaps(const BandNeighbors& n, const ContextWeights& weights, bool in_row) noexcept
    : stride_(static_cast<std::ptrdiff_t>(n.stride)), parent_stride_(static_cast<std::ptrdiff_t>(n.parent_stride)) {
  add_own(n, weights, in_row);
  add_channels(n, weights);
  add_siblings(n, weights);
  add_parents(n, weights);
}

void BandTaps::add_place_and_cross(List& list, const std::int16_t* plane, std::ptrdiff_t stride,
                                   std::span<const std::int32_t> weights) noexcept {
  list.add(plane, 0, weights[0]);
  for (std::size_t i = 0; i < 4; ++i) list.add(plane, beside(stride)[i], weights[1 + i]);
}

void BandTaps::add_own(const BandNeighbors& n, const ContextWeights& weights, bool in_row) noexcept {
  const auto& w = weights.magnitude;
  const auto* const root = n.own.root;
  spread_.add(root, -stride_, w[kNorth]);
  for (const std::ptrdiff_t x : {-1, 1}) {
    spread_.add(root, -stride_ + x, w[kNorthDiagonals]);
    spread_.add(root, -2 * stride_ + x, w[kKnights]);
    spread_.add(root, -stride_ + 2 * x, w[kKnights]);
  }
  spread_.add(root, -2 * stride_, w[kSecondNeighbors]);
  mean_.add(n.own.value, -stride_, weights.mean[kMeanNorth]);
  mean_.add(n.own.value, -2 * stride_, weights.mean[kMeanSecondNorth]);
  mean_.add(n.own.value, -stride_ - 1, weights.mean[kMeanNorthWest]);
  mean_.add(n.own.value, -stride_ + 1, weights.mean[kMeanNorthEast]);
  if (!in_row) return;
  spread_.add(root, -1, w[kWest]);
  spread_.add(root, -2, w[kSecondNeighbors]);
  mean_.add(n.own.value, -1, weights.mean[kMeanWest]);
  mean_.add(n.own.value, -2, weights.mean[kMeanSecondWest]);
}

void BandTaps::add_channels(const BandNeighbors& n, const ContextWeights& weights) noexcept {
  const auto& w = weights.magnitude;
  const auto* const before = n.previous[0].root;
  spread_.add(before, 0, w[kPrevious]);
  cross(stride_, [&](std::ptrdiff_t at) { spread_.add(before, at, w[kPreviousCross]); });
  diagonals(stride_, [&](std::ptrdiff_t at) { spread_.add(before, at, w[kPreviousDiagonals]); });
  spread_.add(n.previous[1].root, 0, w[kSecondPrevious]);
  spread_.add(n.previous[2].root, 0, w[kThirdPrevious]);
  spread_.add(n.sum.root, 0, w[kSum]);
  cross(stride_, [&](std::ptrdiff_t at) { spread_.add(n.sum.root, at, w[kSumCross]); });
  diagonals(stride_, [&](std::ptrdiff_t at) { spread_.add(n.sum.root, at, w[kSumDiagonals]); });
  for (std::size_t i = 0; i < n.previous.size(); ++i) {
    add_place_and_cross(mean_, n.previous[i].value, stride_, std::span(weights.mean).subspan(kMeanPrevious + 5 * i, 5));
  }
}

void BandTaps::add_siblings(const BandNeighbors& n, const ContextWeights& weights) noexcept {
  const auto& w = weights.magnitude;
  for (std::size_t i = 0; i < n.sibling.size(); ++i) {
    spread_.add(n.sibling[i].root, 0, w[kSibling0 + i]);
    cross(stride_, [&](std::ptrdiff_t at) { spread_.add(n.sibling[i].root, at, w[kSiblingCross0 + i]); });
    spread_.add(n.sibling_sum[i].root, 0, w[kSiblingSum0 + i]);
    cross(stride_, [&](std::ptrdiff_t at) { spread_.add(n.sibling_sum[i].root, at, w[kSiblingSumCross0 + i]); });
    mean_.add(n.sibling[i].value, 0, weights.mean[kMeanSibling0 + i]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    mean_.add(n.sibling[0].value, beside(stride_)[i], weights.mean[kMeanSiblingCross + i]);
  }
}

void BandTaps::add_parents(const BandNeighbors& n, const ContextWeights& weights) noexcept {
  const auto& w = weights.magnitude;
  List& list = coarse_spread_;
  list.add(n.parent.root, 0, w[kParent]);
  cross(parent_stride_, [&](std::ptrdiff_t at) { list.add(n.parent.root, at, w[kParentCross]); });
  diagonals(parent_stride_, [&](std::ptrdiff_t at) { list.add(n.parent.root, at, w[kParentDiagonals]); });
  for (std::size_t i = 0; i < n.parent_other.size(); ++i) list.add(n.parent_other[i].root, 0, w[kParentOther0 + i]);
  list.add(n.parent_sum.root, 0, w[kParentSum]);
  cross(parent_stride_, [&](std::ptrdiff_t at) { list.add(n.parent_sum.root, at, w[kParentSumCross]); });
  list.add(n.parent_other_sum.root, 0, w[kParentOtherSum]);
  add_place_and_cross(coarse_mean_, n.parent.value, parent_stride_, std::span(weights.mean).subspan(kMeanParent, 5));
  for (std::size_t i = 0; i < n.parent_other.size(); ++i) {
    coarse_mean_.add(n.parent_other[i].value, 0, weights.mean[kMeanParentOther0 + i]);
  }
}

void BandTaps::row(std::size_t y, std::span<std::int32_t> spread, std::span<std::int32_t> mean,
                   std::span<std::int32_t> scratch) const noexcept {
  const auto half = scratch.first(whole_steps(spread.size() / 2));
  const auto sum = [&](const List& coarse, const List& fine, std::span<std::int32_t> out) {
    std::ranges::fill(half, 0);
    weighted_row(coarse.all(), static_cast<std::ptrdiff_t>(y / 2) * parent_stride_, half);
    doubled_row(half, out);
    weighted_row(fine.all(), static_cast<std::ptrdiff_t>(y) * stride_, out);
  };
  sum(coarse_spread_, spread_, spread);
  sum(coarse_mean_, mean_, mean);
}

}  // namespace vaerans::kernels
