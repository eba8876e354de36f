#include "coding/mixing/pixel_levels.hpp"

#include <algorithm>
#include <bit>

namespace vaerans {
namespace {

constexpr std::size_t kValues = 65536;

// Which values occur.
std::vector<bool> occurring(std::span<const std::uint16_t> samples) {
  std::vector<bool> out(kValues);
  for (const std::uint16_t v : samples) out[v] = true;
  return out;
}

}  // namespace

int bits_of(std::span<const std::uint16_t> samples) noexcept {
  unsigned all = 0;
  for (const std::uint16_t v : samples) all |= v;
  return std::max(9, static_cast<int>(std::bit_width(all)));
}

PixelLevels choose_levels(std::span<const std::uint16_t> samples) {
  const auto occurs = occurring(samples);
  PixelLevels levels;
  for (std::size_t v = 0; v < kValues; ++v) {
    if (occurs[v]) levels.push_back(static_cast<std::uint16_t>(v));
  }
  // Half the values save at most a bit a sample. A level takes a byte or two.
  const std::size_t saved_bits = samples.size(), list_bits = 16 * levels.size();
  const bool sparse = 2 * levels.size() <= std::size_t{levels.back()} + 1;
  return sparse && saved_bits > 2 * list_bits ? levels : PixelLevels{};
}

void to_ranks(const PixelLevels& levels, std::span<const std::uint16_t> samples, std::span<std::uint16_t> ranks) {
  std::vector<std::uint16_t> rank_of(kValues);
  for (std::size_t i = 0; i < levels.size(); ++i) rank_of[levels[i]] = static_cast<std::uint16_t>(i);
  std::ranges::transform(samples, ranks.begin(), [&](std::uint16_t v) { return rank_of[v]; });
}

bool to_samples(const PixelLevels& levels, std::span<std::uint16_t> ranks) {
  for (std::uint16_t& v : ranks) {
    if (v >= levels.size()) return false;
    v = levels[v];
  }
  return true;
}

void write_levels(const PixelLevels& levels, ByteWriter& out) {
  out.varint(levels.size());
  std::uint32_t next = 0;  // the least that can follow
  for (const std::uint16_t level : levels) {
    out.varint(level - next);
    next = level + 1U;
  }
}

PixelLevels read_levels(ByteReader& in) {
  const std::uint64_t count = in.varint();
  if (count == 0 || count > kValues) in.corrupt("no number of levels");
  PixelLevels levels;
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t distance = in.varint();
    if (distance >= kValues - next) in.corrupt("a level of more than 16 bits");
    levels.push_back(static_cast<std::uint16_t>(next + distance));
    next += distance + 1;
    if (next == kValues && i + 1 != count) in.corrupt("a level of more than 16 bits");
  }
  return levels;
}

}  // namespace vaerans
