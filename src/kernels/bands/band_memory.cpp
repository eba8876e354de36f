#include "kernels/bands/band_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

namespace vaerans::kernels {

BandBuffers::BandBuffers() : memory(std::make_unique<BandMemory>()) {}
BandBuffers::~BandBuffers() = default;

void BandMemory::reset(const BandLayout& layout) {
  model.reset();
  clear(layout);
}

void BandMemory::begin_again(const BandLayout& layout) {
  model.begin_again();
  clear(layout);
}

void BandMemory::clear(const BandLayout& layout) {
  levels.resize(layout.channels[0].levels.size());
  for (std::size_t c = 0; c < layout.channels.size(); ++c) {
    for (std::size_t k = 0; k < levels.size(); ++k) {
      const auto& places = layout.channels[c].levels[k];
      for (std::size_t o = 0; o < places.size(); ++o) levels[k][c][o].reset(places[o].height, places[o].width);
    }
  }
}

namespace {

std::int32_t limited(std::int32_t index) {
  return std::clamp(index, -BandPlane::kMostMagnitude, BandPlane::kMostMagnitude);
}
std::int32_t cut(std::int32_t value, int dead_zone) {
  const std::int32_t index = (std::abs(value) + 256 - dead_zone) >> 8;
  return limited(value < 0 ? -index : index);
}
std::span<std::int32_t> band(std::span<std::int32_t> all, const BandPlace& place) {
  return all.subspan(place.offset, static_cast<std::size_t>(place.height) * static_cast<std::size_t>(place.width));
}

}  // namespace

void round_indices(const BandLayout& layout, std::span<std::int32_t> coefficients, int dead_zone) {
  for (const auto& channel : layout.channels) {
    for (auto& v : band(coefficients, channel.coarse)) v = limited((v + 128) >> 8);
    for (const auto& level : channel.levels) {
      for (const BandPlace& place : level) {
        for (auto& v : band(coefficients, place)) v = cut(v, dead_zone);
      }
    }
  }
}

}  // namespace vaerans::kernels
