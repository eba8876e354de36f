// The scalar twins of blur_rows.hpp.
#include "kernels/blur/blur_rows.hpp"
#include "kernels/common/rounding.hpp"

namespace vaerans::kernels::blurring {

template <class T>
void filter_columns_ref(const Rows<T>& in, std::size_t y, std::span<const float> weights, float* out) noexcept {
  for (std::size_t x = 0; x < in.length; ++x) out[x] = weights[0] * static_cast<float>(in[y][x]);
  for (std::size_t k = 1; k < weights.size(); ++k) {
    const T* const a = in[above(y, k, in.height)];
    const T* const b = in[below(y, k, in.height)];
    for (std::size_t x = 0; x < in.length; ++x) {
      out[x] += weights[k] * (static_cast<float>(a[x]) + static_cast<float>(b[x]));
    }
  }
}

void filter_row_ref(const float* row, std::size_t n, std::size_t step, std::span<const float> weights,
                    float* out) noexcept {
  for (std::size_t x = 0; x < n; ++x) out[x] = weights[0] * row[x];
  for (std::size_t k = 1; k < weights.size(); ++k) {
    const float* const a = row - k * step;
    const float* const b = row + k * step;
    for (std::size_t x = 0; x < n; ++x) out[x] += weights[k] * (a[x] + b[x]);
  }
}

void round_to_bytes_ref(const float* row, std::size_t n, std::uint8_t* out) noexcept {
  for (std::size_t x = 0; x < n; ++x) out[x] = static_cast<std::uint8_t>(round_clamped(row[x], 255.0F));
}

template void filter_columns_ref(const Rows<float>&, std::size_t, std::span<const float>, float*) noexcept;
template void filter_columns_ref(const Rows<std::uint8_t>&, std::size_t, std::span<const float>, float*) noexcept;

}  // namespace vaerans::kernels::blurring
