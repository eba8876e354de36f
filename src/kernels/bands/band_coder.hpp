// The band coder: quantised wavelet coefficients of a picture's planes as binary decisions under mixed probabilities.
//
// Coarse levels come first, and in a level the three planes one after another, each with HL, LH, HH. What a coefficient
// is likely to be is told by its neighbours, by its place one level coarser, by the bands of its level that are known,
// and by the other planes there. Counters, opinions and mixers adapt from decision to decision; integers
// throughout, so every machine follows the same path. docs/format_bands.md describes every step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/bands/band_plane.hpp"
#include "kernels/mixing/parted_decisions.hpp"

namespace vaerans::kernels {

// Where a band's coefficients lie among those of the picture.
struct BandPlace {
  int height = 0, width = 0;
  std::size_t offset = 0;
};

// All bands of three planes, or of one: for each level, from the coarsest on, HL, LH, HH.
struct BandLayout {
  static constexpr int kMostChannels = 3;
  struct Channel {
    BandPlace coarse;                              // LL
    std::vector<std::array<BandPlace, 3>> levels;  // the last is the finest
  };
  std::vector<Channel> channels;

  // The picture's sides: what is low at the coarsest level, and what is high at each.
  [[nodiscard]] std::size_t height() const noexcept {
    int out = channels[0].coarse.height;
    for (const auto& level : channels[0].levels) out += level[1].height;  // LH
    return static_cast<std::size_t>(out);
  }
  [[nodiscard]] std::size_t width() const noexcept {
    int out = channels[0].coarse.width;
    for (const auto& level : channels[0].levels) out += level[0].width;  // HL
    return static_cast<std::size_t>(out);
  }
};

// Each by itself, or dependent (dependent.hpp).
enum class Indices : std::uint8_t { independent, dependent };

// What the coder remembers while it works: some 7 MB, and 5 bytes a coefficient. Used again.
class BandBuffers {
 public:
  BandBuffers();
  ~BandBuffers();
  BandBuffers(const BandBuffers&) = delete;
  BandBuffers& operator=(const BandBuffers&) = delete;

  std::unique_ptr<struct BandMemory> memory;
};

// Lists the decisions that tell `indices`, all within ±BandPlane::kMostMagnitude.
void encode_bands(const BandLayout& layout, Indices kind, std::span<const std::int32_t> indices, BandBuffers& buffers,
                  PartedDecisions& decisions);
// Fills `indices`; stops where the decoder fails.
void decode_bands(const BandLayout& layout, Indices kind, std::span<std::int32_t> indices, BandBuffers& buffers,
                  PartedDecoder& decoder);
// How indices are chosen: those with the least (error in steps)² + price · bits, as the coder would charge there.
struct Choice {
  int price = 0;   // in 1/256
  int passes = 1;  // dependent indices: each pass knows what the one before chose, and what that made bits cost
};
// Chooses indices for coefficients, which are in 1/256 of their step. Dependent ones are chosen together.
void choose_indices(const BandLayout& layout, Indices kind, std::span<const std::int32_t> coefficients, Choice how,
                    std::span<std::int32_t> indices, BandBuffers& buffers);
// The same without a look at costs: magnitudes go to the index below where they are less than dead_zone / 256 above it;
// LL goes to the nearest.
void round_indices(const BandLayout& layout, std::span<std::int32_t> coefficients, int dead_zone);

namespace ref {
void encode_bands(const BandLayout& layout, Indices kind, std::span<const std::int32_t> indices, BandBuffers& buffers,
                  PartedDecisions& decisions);
void decode_bands(const BandLayout& layout, Indices kind, std::span<std::int32_t> indices, BandBuffers& buffers,
                  PartedDecoder& decoder);
void choose_indices(const BandLayout& layout, Indices kind, std::span<const std::int32_t> coefficients, Choice how,
                    std::span<std::int32_t> indices, BandBuffers& buffers);
}  // namespace ref

}  // namespace vaerans::kernels
