// The band coder on plain integers: the twin of band_coder_simd.cpp.
#include <hwy/cache_control.h>

#include "kernels/bands/band_memory.hpp"
#include "kernels/mixing/lanes_ref.hpp"

#define VAERANS_EACH_NAMESPACE ref
// Each needs those before it.
#include "kernels/mixing/combine_each.hpp"

#include "kernels/bands/band_context_each.hpp"

#include "kernels/bands/band_decide_each.hpp"

#include "kernels/bands/band_path_each.hpp"

#include "kernels/bands/band_coder_each.hpp"

namespace vaerans::kernels::ref {

void encode_bands(const BandLayout& layout, Indices kind, std::span<const std::int32_t> indices, BandBuffers& buffers,
                  PartedDecisions& decisions) {
  encode_bands_on<LanesRef>(layout, kind, indices, buffers, decisions);
}

void decode_bands(const BandLayout& layout, Indices kind, std::span<std::int32_t> indices, BandBuffers& buffers,
                  PartedDecoder& decoder) {
  decode_bands_on<LanesRef>(layout, kind, indices, buffers, decoder);
}

void choose_indices(const BandLayout& layout, Indices kind, std::span<const std::int32_t> coefficients, Choice how,
                    std::span<std::int32_t> indices, BandBuffers& buffers) {
  choose_indices_on<LanesRef>(layout, kind, coefficients, how, indices, buffers);
}

}  // namespace vaerans::kernels::ref
