// The flat coder: a tile where most pixels repeat what is around them or what followed the same neighbours before.
//
// Pixels are coded whole, row by row. A pixel is first offered as one of a few candidates, a decision each: what
// followed the same 13, 7 and 4 neighbours the last time, and the neighbours themselves. What none of them is, is
// coded bit by bit, each bit under counters of six contexts that are mixed. Integers throughout, so every machine
// follows the same path; docs/format_flat.md describes every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/mixing/binary_rans.hpp"
#include "kernels/predict/padded_plane.hpp"

namespace vaerans::kernels {

inline constexpr int kMostFlatSide = 3072;

struct FlatShape {
  int width = 0, height = 0;  // 1..kMostFlatSide
  int components = 3;         // bytes of a pixel, the first lowest: 1 or 3
};

// The pixels, and what is learnt of them: some 9 MB and 4 bytes a pixel. Used again.
class FlatBuffers {
 public:
  FlatBuffers();
  ~FlatBuffers();
  FlatBuffers(const FlatBuffers&) = delete;
  FlatBuffers& operator=(const FlatBuffers&) = delete;

  PaddedPlane pixels;  // reset to the tile's extents and 0 before a call; its borders are the coder's
  std::unique_ptr<struct FlatModel> model;
  DecisionList decisions;
};

// encode_flat lists the decisions that tell buffers.pixels; decode_flat fills them, and stops in the row where the
// stream runs out. `covered`: none, or for each pixel, row by row, whether it is known from elsewhere: it is left out,
// and must be 0.
void encode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers);
void decode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers,
                 DecisionDecoder& decoder);
namespace ref {
void encode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers);
void decode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers,
                 DecisionDecoder& decoder);
}  // namespace ref

}  // namespace vaerans::kernels
