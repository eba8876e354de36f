// The flat coder on plain integers: the twin of flat_coder_simd.cpp.
#include <hwy/base.h>

#include "kernels/flat/flat_coder.hpp"
#include "kernels/mixing/lanes_ref.hpp"

#define VAERANS_EACH_NAMESPACE ref
#include "kernels/mixing/combine_each.hpp"

#include "kernels/flat/flat_coder_each.hpp"

namespace vaerans::kernels::ref {

void encode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers) {
  encode_flat_on<LanesRef>(shape, covered, buffers);
}
void decode_flat(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers,
                 DecisionDecoder& decoder) {
  decode_flat_on<LanesRef>(shape, covered, buffers, decoder);
}

}  // namespace vaerans::kernels::ref
