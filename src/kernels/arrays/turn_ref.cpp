#include "kernels/arrays/turn.hpp"

namespace vaerans::kernels {

void turn_channels_ref(const float* matrix, std::size_t channels, const float* in, std::size_t n, std::size_t first,
                       float* out, std::size_t stride) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = first; i < n; ++i) {
      float sum = 0;
      for (std::size_t k = 0; k < channels; ++k) sum += matrix[c * channels + k] * in[k * n + i];
      out[c * stride + i] = sum;
    }
  }
}

}  // namespace vaerans::kernels
