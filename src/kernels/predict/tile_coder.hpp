// The pixel coder: a tile of three planes, predicted sample by sample and coded as binary decisions.
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
inline constexpr int kMostTileSide = 768;
inline constexpr int kMostError = 100;

// One plane of one tile: h rows of w samples, `stride` apart.
struct TilePlane {
  std::uint8_t* samples = nullptr;
  std::ptrdiff_t stride = 0;
};

// How a plane is written.
enum class PlaneMode : std::uint8_t {
  coded = 0,
  constant = 1,  // all samples are one value
  copy = 2,      // the same samples as the first plane (grey)
  raw = 3,       // the samples as they are, where coding would take more
};

struct TileShape {
  int width = 0, height = 0;  // 1..kMostTileSide
  int max_error = 0;          // 0..kMostError
};

// What all planes of a tile need, and the one plane at work learns. About 6 MB and 24 bytes a pixel; used again.
class TileBuffers {
 public:
  TileBuffers();
  ~TileBuffers();
  TileBuffers(const TileBuffers&) = delete;
  TileBuffers& operator=(const TileBuffers&) = delete;

  std::array<PaddedPlane, kTilePlanes> values, residuals;  // residuals in quarters of a grey level
  std::vector<std::int32_t> errors;                        // what the opinions missed by, three rows of eight lanes
  std::unique_ptr<struct PlaneModel> model;
  DecisionList decisions;
};

using TilePlanes = std::array<TilePlane, kTilePlanes>;
using PlaneModes = std::array<PlaneMode, kTilePlanes>;

// The modes that fit exact planes.
[[nodiscard]] PlaneModes choose_modes(const TilePlanes& planes, int width, int height) noexcept;

// Lists the decisions of all planes that are `coded` in buffers.decisions. False if max_error > 0 and a sample is not
// on the grid of its prediction (planes that quantize_tile did not make).
[[nodiscard]] bool encode_tile(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape,
                               TileBuffers& buffers);
// Fills the planes that are `coded` or `copy`; the others must hold their samples. Stops where the stream runs out.
void decode_tile(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers,
                 DecisionDecoder& decoder);
// Moves the samples of `coded` planes to the grids of their predictions, by at most max_error; copies `copy` planes.
void quantize_tile(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers);

namespace ref {
bool encode_tile(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers);
void decode_tile(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers,
                 DecisionDecoder& decoder);
void quantize_tile(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers);
}  // namespace ref

}  // namespace vaerans::kernels
