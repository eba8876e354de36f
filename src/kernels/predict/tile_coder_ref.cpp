// The tile coder on plain integers: the twin of tile_coder_simd.cpp.
#include <hwy/cache_control.h>

#include <bit>

#include "kernels/mixing/lanes_ref.hpp"
#include "kernels/predict/tile_coder.hpp"
#include "kernels/predict/tile_planes.hpp"

#define VAERANS_EACH_NAMESPACE ref
#include "kernels/mixing/combine_each.hpp"
#include "kernels/mixing/decide_each.hpp"
#include "kernels/predict/grid_each.hpp"
#include "kernels/predict/least_squares_each.hpp"
#include "kernels/predict/predictor_each.hpp"
#include "kernels/predict/sample_coder_each.hpp"
#include "kernels/predict/tile_coder_each.hpp"

namespace vaerans::kernels::ref {

bool encode_tile(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers) {
  return encode_tile_on<LanesRef>(planes, modes, shape, buffers);
}
void decode_tile(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers, DecisionDecoder& decoder) {
  decode_tile_on<LanesRef>(planes, modes, shape, buffers, decoder);
}
void quantize_tile(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                   TileBuffers& buffers) {
  quantize_tile_on<LanesRef>(planes, modes, shape, buffers);
}

bool encode_tile(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers) {
  return encode_tile_on<LanesRef>(planes, modes, shape, buffers);
}
void decode_tile(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers, DecisionDecoder& decoder) {
  decode_tile_on<LanesRef>(planes, modes, shape, buffers, decoder);
}
void quantize_tile(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                   TileBuffers& buffers) {
  quantize_tile_on<LanesRef>(planes, modes, shape, buffers);
}

}  // namespace vaerans::kernels::ref
