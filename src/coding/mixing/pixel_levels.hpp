// Deep samples that take few of their possible values, such as pictures of eight or twelve bits stretched to sixteen:
// the coder then sees their ranks among those values, which have fewer bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace vaerans {

/// The values that occur, ascending; empty where samples stand for themselves.
using PixelLevels = std::vector<std::uint16_t>;

/// Bits that every sample has room in, 9 to 16: less would be samples of std::uint8_t.
[[nodiscard]] int bits_of(std::span<const std::uint16_t> samples) noexcept;

/// The levels of `samples` if ranks save clearly more than the list takes, else none.
[[nodiscard]] PixelLevels choose_levels(std::span<const std::uint16_t> samples);

/// Samples to ranks, and back. Every sample is among `levels`. to_samples is false where a rank has no level.
void to_ranks(const PixelLevels& levels, std::span<const std::uint16_t> samples, std::span<std::uint16_t> ranks);
[[nodiscard]] bool to_samples(const PixelLevels& levels, std::span<std::uint16_t> ranks);

/// Varint of how many levels there are; then of each the varint of its distance to the one before, less one; of the
/// first its value.
void write_levels(const PixelLevels& levels, ByteWriter& out);
[[nodiscard]] PixelLevels read_levels(ByteReader& in);

}  // namespace vaerans
