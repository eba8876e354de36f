#include "kernels/flat/flat_coder.hpp"
#include "kernels/flat/neighbourhood.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/flat/flat_coder_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/mixing/lanes_simd.hpp"

// The templates belong to the instruction set that they are compiled for.
HWY_BEFORE_NAMESPACE();
#undef VAERANS_EACH_NAMESPACE
#define VAERANS_EACH_NAMESPACE HWY_NAMESPACE
#include "kernels/mixing/combine_each.hpp"

#include "kernels/flat/flat_coder_each.hpp"

namespace vaerans::kernels::HWY_NAMESPACE {

void encode_pixels(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers) {
  encode_flat_on<LanesSimd>(shape, covered, buffers);
}
void decode_pixels(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers,
                   DecisionDecoder& decoder) {
  decode_flat_on<LanesSimd>(shape, covered, buffers, decoder);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(encode_pixels);
HWY_EXPORT(decode_pixels);

void encode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers) {
  HWY_DYNAMIC_DISPATCH(encode_pixels)(shape, covered, buffers);
}
void decode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers,
                 DecisionDecoder& decoder) {
  HWY_DYNAMIC_DISPATCH(decode_pixels)(shape, covered, buffers, decoder);
}

}  // namespace vaerans::kernels
#endif
