#include "kernels/common/sized_vectors.hpp"
#include "kernels/fast/fast_tile.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/fast/fast_tile_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <bit>

#include "kernels/fast/fast_lanes_simd.hpp"

// The templates belong to the instruction set that they are compiled for.
HWY_BEFORE_NAMESPACE();
#undef VAERANS_EACH_NAMESPACE
#define VAERANS_EACH_NAMESPACE HWY_NAMESPACE
#include "kernels/fast/fast_predictor_each.hpp"
#include "kernels/fast/fast_sample_each.hpp"
#include "kernels/fast/fast_tile_each.hpp"

namespace vaerans::kernels::HWY_NAMESPACE {

bool encode_fast(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers) {
  return FastTile<FastLanesSimd, SymbolList>(planes, modes, shape, buffers).run();
}
bool decode_fast(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers) {
  return FastTile<FastLanesSimd, SymbolDecoder>(planes, modes, shape, buffers).run();
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(encode_fast);
HWY_EXPORT(decode_fast);

void encode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers) {
  (void)HWY_DYNAMIC_DISPATCH(encode_fast)(planes, modes, shape, buffers);
}
bool decode_fast_tile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers) {
  return HWY_DYNAMIC_DISPATCH(decode_fast)(planes, modes, shape, buffers);
}

}  // namespace vaerans::kernels
#endif
