#include "kernels/common/sized_vectors.hpp"
#include "kernels/predict/tile_coder.hpp"
#include "kernels/predict/tile_planes.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/predict/tile_coder_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <bit>

#include "kernels/mixing/lanes_simd.hpp"

// The templates belong to the instruction set that they are compiled for.
HWY_BEFORE_NAMESPACE();
#undef VAERANS_EACH_NAMESPACE
#define VAERANS_EACH_NAMESPACE HWY_NAMESPACE
#include "kernels/mixing/combine_each.hpp"
#include "kernels/mixing/decide_each.hpp"
#include "kernels/predict/grid_each.hpp"
#include "kernels/predict/least_squares_each.hpp"
#include "kernels/predict/predictor_each.hpp"
#include "kernels/predict/sample_coder_each.hpp"
#include "kernels/predict/tile_coder_each.hpp"

namespace vaerans::kernels::HWY_NAMESPACE {

bool encode_bytes(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                  TileBuffers& buffers) {
  return encode_tile_on<LanesSimd>(planes, modes, shape, buffers);
}
void decode_bytes(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                  TileBuffers& buffers, DecisionDecoder& decoder) {
  decode_tile_on<LanesSimd>(planes, modes, shape, buffers, decoder);
}
void quantize_bytes(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                    TileBuffers& buffers) {
  quantize_tile_on<LanesSimd>(planes, modes, shape, buffers);
}

bool encode_deep(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers) {
  return encode_tile_on<LanesSimd>(planes, modes, shape, buffers);
}
void decode_deep(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers, DecisionDecoder& decoder) {
  decode_tile_on<LanesSimd>(planes, modes, shape, buffers, decoder);
}
void quantize_deep(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                   TileBuffers& buffers) {
  quantize_tile_on<LanesSimd>(planes, modes, shape, buffers);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(encode_bytes);
HWY_EXPORT(decode_bytes);
HWY_EXPORT(quantize_bytes);
HWY_EXPORT(encode_deep);
HWY_EXPORT(decode_deep);
HWY_EXPORT(quantize_deep);

bool encode_tile(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers) {
  return HWY_DYNAMIC_DISPATCH(encode_bytes)(planes, modes, shape, buffers);
}
void decode_tile(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers, DecisionDecoder& decoder) {
  HWY_DYNAMIC_DISPATCH(decode_bytes)(planes, modes, shape, buffers, decoder);
}
void quantize_tile(const TilePlanes<std::uint8_t>& planes, const PlaneModes& modes, const TileShape& shape,
                   TileBuffers& buffers) {
  HWY_DYNAMIC_DISPATCH(quantize_bytes)(planes, modes, shape, buffers);
}

bool encode_tile(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers) {
  return HWY_DYNAMIC_DISPATCH(encode_deep)(planes, modes, shape, buffers);
}
void decode_tile(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                 TileBuffers& buffers, DecisionDecoder& decoder) {
  HWY_DYNAMIC_DISPATCH(decode_deep)(planes, modes, shape, buffers, decoder);
}
void quantize_tile(const TilePlanes<std::uint16_t>& planes, const PlaneModes& modes, const TileShape& shape,
                   TileBuffers& buffers) {
  HWY_DYNAMIC_DISPATCH(quantize_deep)(planes, modes, shape, buffers);
}

}  // namespace vaerans::kernels
#endif
