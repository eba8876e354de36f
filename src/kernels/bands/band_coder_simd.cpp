#include "kernels/bands/band_memory.hpp"
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/bands/band_coder_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/mixing/lanes_simd.hpp"

// The templates belong to the instruction set that they are compiled for.
HWY_BEFORE_NAMESPACE();
#undef VAERANS_EACH_NAMESPACE
#define VAERANS_EACH_NAMESPACE HWY_NAMESPACE
// Each needs those before it.
#include "kernels/mixing/combine_each.hpp"

#include "kernels/bands/band_context_each.hpp"

#include "kernels/bands/band_decide_each.hpp"

#include "kernels/bands/band_path_each.hpp"

#include "kernels/bands/band_coder_each.hpp"

namespace vaerans::kernels::HWY_NAMESPACE {

void encode_bands_simd(const BandLayout& layout, Indices kind, std::span<const std::int32_t> indices,
                       BandBuffers& buffers, PartedDecisions& decisions) {
  encode_bands_on<LanesSimd>(layout, kind, indices, buffers, decisions);
}

void decode_bands_simd(const BandLayout& layout, Indices kind, std::span<std::int32_t> indices, BandBuffers& buffers,
                       PartedDecoder& decoder) {
  decode_bands_on<LanesSimd>(layout, kind, indices, buffers, decoder);
}

void choose_indices_simd(const BandLayout& layout, Indices kind, std::span<const std::int32_t> coefficients, Choice how,
                         std::span<std::int32_t> indices, BandBuffers& buffers) {
  choose_indices_on<LanesSimd>(layout, kind, coefficients, how, indices, buffers);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(encode_bands_simd);
HWY_EXPORT(decode_bands_simd);
HWY_EXPORT(choose_indices_simd);

void encode_bands(const BandLayout& layout, Indices kind, std::span<const std::int32_t> indices, BandBuffers& buffers,
                  PartedDecisions& decisions) {
  HWY_DYNAMIC_DISPATCH(encode_bands_simd)(layout, kind, indices, buffers, decisions);
}

void decode_bands(const BandLayout& layout, Indices kind, std::span<std::int32_t> indices, BandBuffers& buffers,
                  PartedDecoder& decoder) {
  HWY_DYNAMIC_DISPATCH(decode_bands_simd)(layout, kind, indices, buffers, decoder);
}

void choose_indices(const BandLayout& layout, Indices kind, std::span<const std::int32_t> coefficients, Choice how,
                    std::span<std::int32_t> indices, BandBuffers& buffers) {
  HWY_DYNAMIC_DISPATCH(choose_indices_simd)(layout, kind, coefficients, how, indices, buffers);
}

}  // namespace vaerans::kernels
#endif
