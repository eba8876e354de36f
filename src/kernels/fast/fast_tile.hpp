// The fast pixel coder: a tile of one or three planes of 8 bits. Each sample is predicted and coded as one of 32
// symbols under the average of three distributions that adapt (docs/format_fast.md), in a tenth of the pixel coder's
// time. Planes have streams of their own, and a later one follows two rows behind, so that a CPU works on three chains
// of dependent instructions at once. Integers throughout, so every machine follows the same path.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.hpp"
#include "kernels/fast/fast_model.hpp"
#include "kernels/fast/symbol_rans.hpp"
#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels {

// What one plane needs: about half a megabyte, and 4 bytes a pixel, while encoding 8 more.
struct FastPlaneRoom {
  PaddedPlaneOf<std::int16_t> values, residuals;  // residuals: how far means were off, in quarters of a grey level
  std::vector<std::int16_t> errors;               // what the opinions missed by, two rows of eight lanes
  std::vector<std::int16_t> cross;                // sums of the residuals of earlier planes, a row
  std::unique_ptr<FastModel> model = std::make_unique<FastModel>();
  SymbolList list;
  SymbolDecoder decoder;
};
using FastBuffers = std::array<FastPlaneRoom, kTilePlanes>;
/// About the bytes that they grow to while a tile of this shape is encoded.
[[nodiscard]] constexpr std::size_t fast_bytes_for(const TileShape& shape) noexcept {
  const auto pixels = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height);
  return static_cast<std::size_t>(shape.planes) * (sizeof(FastModel) + 12 * pixels);
}

using ByteTile = TilePlanes<std::uint8_t>;

// encode lists the symbols of all planes that are `coded` in their rooms' lists; of the shape width, height and planes
// count. decode reads them from their rooms' decoders, which have begun, and fills planes that are `coded` or `copy`;
// the others must hold their samples. It stops where a stream runs out. False: a sample outside of 0..255.
void encode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers);
[[nodiscard]] bool decode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape,
                                    FastBuffers& buffers);
namespace ref {
void encode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers);
[[nodiscard]] bool decode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape,
                                    FastBuffers& buffers);
}  // namespace ref

}  // namespace vaerans::kernels
