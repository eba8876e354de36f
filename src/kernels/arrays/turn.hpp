// A matrix over the channels of an array.
#pragma once

#include <cstddef>

namespace vaerans::kernels {

// out[c * stride + i], i < n: the sum over k of matrix[c * channels + k] * in[k * n + i], k upwards, in floats: the
// same bits on every machine. `in` and `out` do not overlap.
void turn_channels(const float* matrix, std::size_t channels, const float* in, std::size_t n, float* out,
                   std::size_t stride) noexcept;

// The plain twin, from number `first` of each channel on.
void turn_channels_ref(const float* matrix, std::size_t channels, const float* in, std::size_t n, std::size_t first,
                       float* out, std::size_t stride) noexcept;

}  // namespace vaerans::kernels
