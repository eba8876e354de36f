#include "kernels/restoration/restoration.hpp"

#include <algorithm>
#include <array>

#include "kernels/restoration/restoration_layer.hpp"

namespace vaerans::kernels {
namespace {

// Parts of a step that samples and what is added to them are counted in.
constexpr float kSampleParts = 128, kAddedParts = 1024;

std::size_t halved(std::size_t n) noexcept { return (n + 1) / 2; }
std::size_t blocks_along(std::size_t side, std::size_t places) noexcept { return (halved(side) + places - 1) / places; }

// The sample at a place along a side, or the outermost one where it lies beyond.
std::size_t inside(std::ptrdiff_t place, std::size_t side) noexcept {
  return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, static_cast<std::ptrdiff_t>(side) - 1));
}

// To the nearest, halves up, by a sum that is never negative; what is no number becomes 0.
std::int32_t fixed(float v, float scale) noexcept {
  constexpr auto limit = static_cast<float>(kMostActivation);
  const float scaled = v * scale;
  const float number = scaled == scaled ? scaled : 0.0F;
  const float below = number < limit ? number : limit;
  const float limited = below > -limit ? below : -limit;
  return static_cast<std::int32_t>(limited + (limit + 1.5F)) - (kMostActivation + 1);
}

// A block in the picture: where its first place stands, and how many of its places are the picture's.
struct Area {
  std::size_t y, x, rows, places;
};

Area area_of(std::size_t index, std::size_t height, std::size_t width) noexcept {
  const std::size_t along = blocks_along(width, kBlockPlacesWide);
  const std::size_t y = index / along * kBlockPlacesHigh, x = index % along * kBlockPlacesWide;
  return {y, x, std::min(kBlockPlacesHigh, halved(height) - y), std::min(kBlockPlacesWide, halved(width) - x)};
}

using Row = std::array<float, 2 * kRowPlaces>;

// `n` samples from place `first` on, which may lie beyond the row's ends.
void cut(const float* row, std::size_t width, std::ptrdiff_t first, std::size_t n, Row& out) noexcept {
  for (std::size_t i = 0; i < n; ++i) out[i] = row[inside(first + static_cast<std::ptrdiff_t>(i), width)];
}

// Two neighbours of a row make a pair: the channels of a place are two rows of two samples.
void fold_row(const Row& row, float scale, std::size_t places, ChannelPair* out) noexcept {
  for (std::size_t i = 0; i < places; ++i) out[i] = pair_of(fixed(row[2 * i], scale), fixed(row[2 * i + 1], scale));
}

void fold(const RestoredPlanes& planes, const Area& area, float scale, ChannelPair* out) noexcept {
  const auto top = 2 * (static_cast<std::ptrdiff_t>(area.y) - static_cast<std::ptrdiff_t>(kBlockBorder));
  const auto left = 2 * (static_cast<std::ptrdiff_t>(area.x) - static_cast<std::ptrdiff_t>(kBlockBorder));
  const std::size_t places = area.places + 2 * kBlockBorder;
  for (std::size_t pair = 0; pair < kRestorationChannels[0] / 2; ++pair) {
    for (std::size_t r = 0; r < area.rows + 2 * kBlockBorder; ++r) {
      ChannelPair* const to = out + pair * kPlanePlaces + r * kRowPlaces;
      const std::size_t plane = pair / 2;
      if (plane >= planes.count) {
        std::fill_n(to, kRowPlaces, 0);
        continue;
      }
      const std::size_t y =
          inside(top + 2 * static_cast<std::ptrdiff_t>(r) + static_cast<std::ptrdiff_t>(pair % 2), planes.height);
      Row row;
      cut(planes.in + (plane * planes.height + y) * planes.width, planes.width, left, 2 * places, row);
      fold_row(row, scale, places, to);
    }
  }
}

// A row of samples, with what two channels of a row of places add to it in turn.
void add_row(const float* in, const ChannelPair* even, float gain, std::size_t n, float* out) noexcept {
  const ChannelPair* const odd = even + kPlanePlaces;
  for (std::size_t i = 0; i < n / 2; ++i) {
    out[2 * i] = in[2 * i] + static_cast<float>(even[i]) * gain;
    out[2 * i + 1] = in[2 * i + 1] + static_cast<float>(odd[i]) * gain;
  }
  const std::size_t last = n / 2;
  if (n % 2 != 0) out[n - 1] = in[n - 1] + static_cast<float>(even[last]) * gain;
}

void unfold(const RestoredPlanes& planes, const Area& area, float gain, const ChannelPair* added) noexcept {
  const std::size_t rows = std::min(2 * area.rows, planes.height - 2 * area.y);
  const std::size_t samples = std::min(2 * area.places, planes.width - 2 * area.x);
  for (std::size_t plane = 0; plane < planes.count; ++plane) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t at = (plane * planes.height + 2 * area.y + r) * planes.width + 2 * area.x;
      const ChannelPair* const even = added + (4 * plane + 2 * (r % 2)) * kPlanePlaces + (r / 2) * kRowPlaces;
      add_row(planes.in + at, even, gain, samples, planes.out + at);
    }
  }
}

}  // namespace

std::size_t restoration_blocks(std::size_t height, std::size_t width) noexcept {
  return blocks_along(height, kBlockPlacesHigh) * blocks_along(width, kBlockPlacesWide);
}

template <typename Convolve>
void Restorer::run(std::size_t index, RestorationBuffers& buffers, Convolve convolve_layer) const {
  const Area area = area_of(index, planes_.height, planes_.width);
  fold(planes_, area, kSampleParts / net_.step(), buffers.of_layer(0));
  for (std::size_t i = 0; i < kRestorationLayers; ++i) {
    const std::size_t beyond = 2 * (kRestorationLayers - 1 - i);
    convolve_layer(net_.layers()[i], buffers.of_layer(i), buffers.of_layer(i + 1), area.rows + beyond,
                   area.places + beyond);
  }
  unfold(planes_, area, net_.step() / kAddedParts, buffers.of_layer(kRestorationLayers));
}

void Restorer::block(std::size_t index, RestorationBuffers& buffers) const { run(index, buffers, convolve); }
void Restorer::block_ref(std::size_t index, RestorationBuffers& buffers) const { run(index, buffers, convolve_ref); }

}  // namespace vaerans::kernels
