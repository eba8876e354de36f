// Tags of the quantisers; included once per instruction set, after <hwy/highway.h>. Internal.
#if defined(VAERANS_KERNELS_QUANTIZE_VECTORS) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_QUANTIZE_VECTORS
#undef VAERANS_KERNELS_QUANTIZE_VECTORS
#else
#define VAERANS_KERNELS_QUANTIZE_VECTORS
#endif

#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Ints = hn::Rebind<std::int32_t, Floats>;
using UInts = hn::Rebind<std::uint32_t, Floats>;

// Calls at(i) for each whole vector of n elements; returns how many elements that were.
template <class At>
HWY_INLINE std::size_t whole_vectors(std::size_t n, std::size_t lanes, At at) {
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) at(i);
  return i;
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
