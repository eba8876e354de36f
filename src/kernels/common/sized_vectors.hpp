// To be included before <hwy/foreach_target.h> by kernels that keep vectors in structs and arrays: instruction sets
// whose vectors have no size at compile time cannot do that, so such kernels use the fixed-size set of the same CPUs.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
