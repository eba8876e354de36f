// The pixel coder: a tile of one or three planes, predicted sample by sample and coded as binary decisions.
//
// The planes come one after another, so that later ones are predicted from the earlier ones to all sides. Predictions,
// scales, contexts and mixers adapt from sample to sample; integers throughout, so every machine follows the same path.
// docs/format_mixing.md describes every step. With max_error > 0 samples are not coded exactly but moved to a grid of
// 2 × max_error + 1 around their prediction; what is coded is what a decoder gets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/mixing/binary_rans.hpp"
#include "kernels/predict/padded_plane.hpp"

namespace vaerans::kernels {

inline constexpr int kTilePlanes = 3;
inline constexpr int kMostBits = 16;
inline constexpr int kMostTileSide = 768;
inline constexpr int kMostError = 100;

// One plane of one tile: h rows of w samples, `stride` apart. Samples are std::uint8_t for 8 bits, else std::uint16_t.
template <typename Sample>
struct TilePlane {
  Sample* samples = nullptr;
  std::ptrdiff_t stride = 0;
};

// How a plane is written.
enum class PlaneMode : std::uint8_t {
  coded = 0,
  constant = 1,  // all samples are one value
  copy = 2,      // the same samples as the first plane (grey)
  raw = 3,       // the samples as they are, where coding would take more
};

// What predicts and mixes.
enum class PixelModel : std::uint8_t {
  balanced = 0,
  dense = 1,  // smaller files in three times the time; samples of 8 bits
};

struct TileShape {
  int width = 0, height = 0;                // 1..kMostTileSide
  int max_error = 0;                        // 0..kMostError
  int planes = kTilePlanes;                 // 1 (grey) or 3
  int bits = 8;                             // a sample has, up to kMostBits; what is above 2^bits - 1 does not occur
  PixelModel model = PixelModel::balanced;  // dense is for 8 bits alone
};

// What all planes of a tile need, and the one plane at work learns. About 6 MB and 24 bytes a pixel, once a dense tile
// was met 18 MB more; used again.
class TileBuffers {
 public:
  TileBuffers();
  ~TileBuffers();
  /// About the bytes that they grow to where a tile of this shape is noise; of photos it is half of that.
  [[nodiscard]] static std::size_t bytes_for(const TileShape& shape) noexcept;
  /// Likewise where it is decoded.
  [[nodiscard]] static std::size_t bytes_to_decode(const TileShape& shape) noexcept;
  TileBuffers(const TileBuffers&) = delete;
  TileBuffers& operator=(const TileBuffers&) = delete;

  std::array<PaddedPlane, kTilePlanes> values, residuals;  // residuals in quarters of a grey level
  std::vector<std::int32_t> errors;                        // what the opinions missed by, three rows of eight lanes
  std::unique_ptr<struct PlaneModel> model;
  std::unique_ptr<struct DensePlaneModel> dense;  // made by the first tile that needs it
  std::vector<std::int32_t> windows;              // sums that local least squares keeps
  DecisionList decisions;
};

// The planes that a tile does not have stay empty.
template <typename Sample>
using TilePlanes = std::array<TilePlane<Sample>, kTilePlanes>;
using PlaneModes = std::array<PlaneMode, kTilePlanes>;

// The modes that fit exact planes; of the shape only its extents and planes count. Those of planes that a tile does not
// have are `coded`.
[[nodiscard]] PlaneModes choose_modes(const TilePlanes<std::uint8_t>& planes, const TileShape& shape) noexcept;
[[nodiscard]] PlaneModes choose_modes(const TilePlanes<std::uint16_t>& planes, const TileShape& shape) noexcept;

// encode_tile lists the decisions of all planes that are `coded` in buffers.decisions. False if max_error > 0 and a
// sample is not on the grid of its prediction (planes that quantize_tile did not make).
// decode_tile fills the planes that are `coded` or `copy`; the others must hold their samples. It stops where the
// stream runs out.
// quantize_tile moves the samples of `coded` planes to the grids of their predictions, by at most max_error, and copies
// `copy` planes.
#define VAERANS_TILE_CODER(Sample)                                                                                  \
  [[nodiscard]] bool encode_tile(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape, \
                                 TileBuffers& buffers);                                                             \
  void decode_tile(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,               \
                   TileBuffers& buffers, DecisionDecoder& decoder);                                                 \
  void quantize_tile(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,             \
                     TileBuffers& buffers)
VAERANS_TILE_CODER(std::uint8_t);
VAERANS_TILE_CODER(std::uint16_t);
namespace ref {
VAERANS_TILE_CODER(std::uint8_t);
VAERANS_TILE_CODER(std::uint16_t);
}  // namespace ref
#undef VAERANS_TILE_CODER

}  // namespace vaerans::kernels
