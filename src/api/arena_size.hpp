// How much address space a call reserves. Only pages that are touched become memory, so generous is cheap.
#pragma once

#include <cstdint>

namespace vaerans {

/// Float planes in and out take 24 bytes a pixel; latents, coefficients, symbols and a residual layer take 30. The rest
/// is room to spare.
[[nodiscard]] inline std::uint64_t arena_bytes_for(std::uint64_t pixels, std::uint64_t file_bytes = 0) {
  constexpr std::uint64_t fixed = 256ULL << 20;
  constexpr std::uint64_t per_pixel = 128;
  return fixed + pixels * per_pixel + 8 * file_bytes;
}

}  // namespace vaerans
