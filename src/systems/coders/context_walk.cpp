#include "systems/coders/context_walk.hpp"

namespace vaerans {
namespace {

static_assert(sizeof(kernels::Context) % sizeof(std::int32_t) == 0 &&
              alignof(kernels::Context) <= alignof(std::int32_t));

constexpr std::size_t kContextWords = sizeof(kernels::Context) / sizeof(std::int32_t);

std::size_t widest(std::span<const Section> sections) noexcept {
  std::size_t w = 0;
  for (const Section& s : sections) w = std::max<std::size_t>(w, s.w);
  return w;
}

std::uint64_t total(std::span<const Section> sections) noexcept {
  std::uint64_t n = 0;
  for (const Section& s : sections) n += s.size();
  return n;
}

}  // namespace

std::optional<BandLayout> BandLayout::of(std::span<const Section> sections) noexcept {
  if (sections.empty() || sections[0].level == 0) return {};
  BandLayout out;
  out.levels = sections[0].level;
  const std::size_t each = out.per_channel();
  if (sections.size() % each != 0) return {};
  out.channels = static_cast<std::uint32_t>(sections.size() / each);
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const Section& s = sections[i];
    const std::size_t key = i % each;
    const std::size_t level = key == 0 ? out.levels : out.levels - (key - 1) / 3;
    const auto band = static_cast<Band>(key == 0 ? 0 : 1 + (key - 1) % 3);
    const bool as_expected = s.channel == i / each && s.level == level && s.band == band && s.offset == offset &&
                             s.h == sections[key].h && s.w == sections[key].w;
    if (!as_expected) return {};
    offset += s.size();
  }
  out.channel_size = offset / out.channels;
  return out;
}

std::size_t ContextWalk::work_size(std::span<const Section> sections) noexcept {
  const auto layout = BandLayout::of(sections);
  if (!layout) return 0;
  return total(sections) + layout->channel_size + (2 + kContextWords) * widest(sections);
}

ContextWalk::ContextWalk(const ContextPrior& prior, const Pyramid& pyramid) noexcept
    : prior_(prior), sections_(pyramid.sections), layout_(*BandLayout::of(pyramid.sections)) {
  auto left = pyramid.work;
  const auto take = [&](std::size_t n) {
    const auto out = left.first(n);
    left = left.subspan(n);
    return out;
  };
  const std::size_t w = widest(sections_);
  q_ = take(total(sections_));
  sums_ = take(layout_.channel_size);
  spread_ = take(w);
  mean_ = take(w);
  const auto words = take(kContextWords * w);
  contexts_ = {reinterpret_cast<kernels::Context*>(words.data()), w};
}

kernels::BandPlane ContextWalk::plane(std::uint32_t channel, std::size_t key) const noexcept {
  const Section& s = section(channel, key);
  return {q_.data() + s.offset, s.h, s.w};
}

kernels::BandPlane ContextWalk::sum_plane(std::size_t key) const noexcept {
  const Section& s = section(0, key);
  return {sums_.data() + s.offset, s.h, s.w};
}

kernels::BandNeighbours ContextWalk::neighbours(std::uint32_t channel, std::size_t key) const noexcept {
  kernels::BandNeighbours out;
  if (key > 3) {  // detail bands below the coarsest level: three keys earlier lies their parent
    out.parent = plane(channel, key - 3);
    out.parent_sum = sum_plane(key - 3);
  }
  const std::size_t siblings = key == 0 ? 0 : (key - 1) % 3;
  for (std::size_t i = 0; i < siblings; ++i) out.sibling[i] = plane(channel, key - siblings + i);
  for (std::uint32_t i = 0; i < out.previous.size() && i < channel; ++i) {
    out.previous[i] = plane(channel - 1 - i, key);
  }
  out.sum = sum_plane(key);
  return out;
}

ContextWalk::Visit ContextWalk::visit(std::uint32_t channel, std::size_t key, std::uint32_t point) const noexcept {
  const Section& s = section(channel, key);
  const std::size_t row = prior_.row(s.level, s.band) * prior_.channels + channel;
  return {neighbours(channel, key), &prior_.weights[row], prior_.bias[row * prior_.points + point], plane(channel, key),
          q_.subspan(s.offset, s.size())};
}

void ContextWalk::sum_all() noexcept {
  std::ranges::fill(sums_, 0);
  for (std::size_t key = 0; key < layout_.per_channel(); ++key) {
    for (std::uint32_t channel = 0; channel < layout_.channels; ++channel) add_to_sum(channel, key, 1);
  }
}

void ContextWalk::add_to_sum(std::uint32_t channel, std::size_t key, std::int32_t sign) noexcept {
  const Section& s = section(channel, key);
  const auto sum = sums_.subspan(section(0, key).offset, s.size());
  const auto q = q_.subspan(s.offset, s.size());
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += sign * kernels::magnitude_of(q[i]);
}

}  // namespace vaerans
