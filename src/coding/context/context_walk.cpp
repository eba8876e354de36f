#include "coding/context/context_walk.hpp"

namespace vaerans {
namespace {

constexpr std::size_t kBorder = kernels::kBandBorder;

std::size_t widest(std::span<const Subband> subbands) noexcept {
  std::size_t w = 0;
  for (const Subband& s : subbands) w = std::max<std::size_t>(w, s.w);
  return kernels::whole_steps(w);
}

std::uint64_t total(std::span<const Subband> subbands) noexcept {
  std::uint64_t n = 0;
  for (const Subband& s : subbands) n += s.size();
  return n;
}

}  // namespace

std::optional<BandLayout> BandLayout::of(std::span<const Subband> subbands) noexcept {
  if (subbands.empty() || subbands[0].level == 0 || subbands[0].level > ContextPrior::max_levels) return {};
  BandLayout out;
  out.levels = subbands[0].level;
  const std::size_t each = out.per_channel();
  if (subbands.size() % each != 0) return {};
  out.channels = static_cast<std::uint32_t>(subbands.size() / each);
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    const Subband& s = subbands[i];
    const std::size_t key = i % each;
    const std::size_t level = key == 0 ? out.levels : out.levels - (key - 1) / 3;
    const auto band = static_cast<Orientation>(key == 0 ? 0 : 1 + (key - 1) % 3);
    const bool as_expected = s.channel == i / each && s.level == level && s.orientation == band && s.offset == offset &&
                             s.h == subbands[key].h && s.w == subbands[key].w;
    if (!as_expected) return {};
    offset += s.size();
  }
  out.channel_size = offset / out.channels;
  return out;
}

// Rows of a multiple of two places, so that planes fill whole words.
std::array<ContextWalk::Grid, 16> ContextWalk::grids_of(std::span<const Subband> subbands,
                                                        const BandLayout& layout) noexcept {
  std::array<Grid, 16> out{};
  std::array<std::size_t, 16> rows{}, keys{};
  for (std::size_t key = 0; key < layout.per_channel(); ++key) {
    Grid& grid = out[grid_of(key)];
    grid.stride = std::max<std::size_t>(grid.stride, (subbands[key].w + 2 * kBorder + 1) / 2 * 2);
    rows[grid_of(key)] = std::max<std::size_t>(rows[grid_of(key)], subbands[key].h + 2 * kBorder);
    ++keys[grid_of(key)];
  }
  std::size_t first = 0;
  for (std::size_t i = 0; i < layout.levels; ++i) {
    out[i].size = out[i].stride * rows[i];
    out[i].first = std::exchange(first, first + out[i].size * keys[i] * planes_of(layout));
  }
  return out;
}

std::size_t ContextWalk::plane_samples(const std::array<Grid, 16>& grids, const BandLayout& layout) noexcept {
  std::size_t out = kernels::kRowStep;  // rows are read in whole steps
  for (std::size_t key = 0; key < layout.per_channel(); ++key) out += grids[grid_of(key)].size * planes_of(layout);
  return out;
}

std::size_t ContextWalk::work_bytes(std::span<const Subband> subbands) noexcept {
  const auto layout = BandLayout::of(subbands);
  if (!layout) return 0;
  const std::size_t planes = plane_samples(grids_of(subbands, *layout), *layout);
  using W = Workspace;
  return W::bytes<std::int32_t>(total(subbands)) + W::bytes<std::int32_t>(layout->channel_size) +
         W::bytes<State>(subbands.size()) + 3 * W::bytes<std::int32_t>(widest(subbands)) +
         W::bytes<std::int16_t>(planes);
}

ContextWalk::ContextWalk(const ContextPrior& prior, std::span<const Subband> subbands, Workspace& work) noexcept
    : prior_(prior), subbands_(subbands), layout_(*BandLayout::of(subbands)), grids_(grids_of(subbands, layout_)) {
  q_ = work.take<std::int32_t>(total(subbands_));
  sums_ = work.take<std::int32_t>(layout_.channel_size);
  states_ = work.take<State>(subbands_.size());
  spread_ = work.take<std::int32_t>(widest(subbands_));
  mean_ = work.take<std::int32_t>(widest(subbands_));
  scratch_ = work.take<std::int32_t>(widest(subbands_));
  planes_ = work.take<std::int16_t>(plane_samples(grids_, layout_));
}

void ContextWalk::reset() noexcept {
  std::ranges::fill(planes_, std::int16_t{0});
  std::ranges::fill(sums_, 0);
  std::ranges::fill(states_, State::nothing);
}

std::int16_t* ContextWalk::plane(std::size_t key, std::size_t which) const noexcept {
  const Grid& grid = grids_[grid_of(key)];
  const std::size_t in_grid = key < 4 ? key : (key - 1) % 3;
  return planes_.data() + grid.first + (in_grid * planes_of(layout_) + which) * grid.size + kBorder * grid.stride +
         kBorder;
}

kernels::BandPlane ContextWalk::band(std::uint32_t channel, std::size_t key) const noexcept {
  if (state(channel, key) != State::coded) return {};
  return {roots(channel, key), values(channel, key)};
}

kernels::BandNeighbors ContextWalk::neighbors(std::uint32_t channel, std::size_t key) const noexcept {
  kernels::BandNeighbors out;
  out.stride = grids_[grid_of(key)].stride;
  out.own = band(channel, key);
  const std::size_t siblings = key == 0 ? 0 : (key - 1) % 3;
  for (std::size_t i = 0; i < siblings; ++i) {
    out.sibling[i] = band(channel, key - siblings + i);
    out.sibling_sum[i].root = sum_roots(key - siblings + i);
  }
  for (std::uint32_t i = 0; i < out.previous.size() && i < channel; ++i) out.previous[i] = band(channel - 1 - i, key);
  out.sum.root = sum_roots(key);
  if (key > 3) add_parents(channel, key, out);
  return out;
}

// Below the coarsest level, a detail band's parent lies three keys earlier.
void ContextWalk::add_parents(std::uint32_t channel, std::size_t key, kernels::BandNeighbors& out) const noexcept {
  const std::size_t parent = key - 3, first = parent - (parent - 1) % 3;
  out.parent_stride = grids_[grid_of(parent)].stride;
  out.parent = band(channel, parent);
  out.parent_sum.root = sum_roots(parent);
  out.parent_other_sum.root = other_sum_roots(parent);
  std::size_t n = 0;
  for (std::size_t k = first; k < first + 3; ++k) {
    if (k != parent) out.parent_other[n++] = band(channel, k);
  }
}

BandVisit ContextWalk::visit(std::uint32_t channel, std::size_t key) const noexcept {
  const Subband& s = subband(channel, key);
  BandVisit out{channel, prior_.row(s.level, s.orientation) * prior_.channels + channel, s.offset, s.size(),
                Above::nothing};
  if (key > 3 && state(channel, key - 3) != State::nothing)
    out.above = state(channel, key - 3) == State::zero ? Above::zero : Above::coded;
  return out;
}

void ContextWalk::fill_planes(std::uint32_t channel, std::size_t key) noexcept {
  const Subband& s = subband(channel, key);
  const std::size_t stride = grids_[grid_of(key)].stride;
  const auto q = indices(s);
  for (std::size_t y = 0; y < s.h; ++y) {
    const auto row = q.subspan(y * s.w, s.w);
    std::ranges::transform(row, roots(channel, key) + y * stride, kernels::root_of);
    std::ranges::transform(row, values(channel, key) + y * stride, kernels::value_for_mean);
  }
}

void ContextWalk::add_to_sum(std::uint32_t channel, std::size_t key) noexcept {
  const Subband& s = subband(channel, key);
  const std::size_t stride = grids_[grid_of(key)].stride;
  const auto sum = sums_.subspan(subband(0, key).offset, s.size());
  const auto q = indices(s);
  for (std::size_t y = 0; y < s.h; ++y) {
    std::int16_t* const root = sum_roots(key) + y * stride;
    for (std::size_t x = 0; x < s.w; ++x) {
      std::int32_t& of_place = sum[y * s.w + x];
      of_place += kernels::magnitude_of(q[y * s.w + x]);
      root[x] = kernels::root_of(of_place);
    }
  }
}

void ContextWalk::add_others(std::size_t last_key) noexcept {
  if (last_key == 0 || last_key % 3 != 0 || last_key + 1 == layout_.per_channel()) return;
  const std::size_t first = last_key - 2, stride = grids_[grid_of(first)].stride;
  const auto at = [&](std::size_t key, std::size_t y, std::size_t x) {
    const Subband& s = subband(0, key);
    return y < s.h && x < s.w ? sums_[s.offset + y * s.w + x] : 0;
  };
  for (std::size_t key = first; key < first + 3; ++key) {
    const Subband& s = subband(0, key);
    const std::size_t one = key == first ? first + 1 : first, two = key == first + 2 ? first + 1 : first + 2;
    for (std::size_t y = 0; y < s.h; ++y) {
      std::int16_t* const root = other_sum_roots(key) + y * stride;
      for (std::size_t x = 0; x < s.w; ++x) root[x] = kernels::root_of(at(one, y, x) + at(two, y, x));
    }
  }
}

}  // namespace vaerans
