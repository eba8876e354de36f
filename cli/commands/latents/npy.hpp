// NumPy's .npy files of floats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vaerans/api.hpp"
#include "vaerans/store/blob.hpp"

namespace vaerans::cli {

struct NpyArray {
  NumberType type = NumberType::f32;
  std::vector<std::uint64_t> shape;
  std::vector<std::byte> data;
};

/// Throws Error: corrupt_stream, dtype for anything but little-endian float16 and float32, shape for Fortran's order.
[[nodiscard]] NpyArray parse_npy(std::span<const std::uint8_t> file);
[[nodiscard]] Bytes make_npy(const NpyArray& array);

}  // namespace vaerans::cli
