// The fast tile coder on plain integers: the twin of fast_tile_simd.cpp.
#include <hwy/base.h>

#include <bit>

#include "kernels/fast/fast_lanes_ref.hpp"
#include "kernels/fast/fast_tile.hpp"

#define VAERANS_EACH_NAMESPACE ref
#include "kernels/fast/fast_predictor_each.hpp"
#include "kernels/fast/fast_sample_each.hpp"
#include "kernels/fast/fast_tile_each.hpp"

namespace vaerans::kernels::ref {

void encode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers) {
  (void)FastTile<FastLanesRef, SymbolList>(planes, modes, shape, buffers).run();
}
bool decode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers) {
  return FastTile<FastLanesRef, SymbolDecoder>(planes, modes, shape, buffers).run();
}

}  // namespace vaerans::kernels::ref
