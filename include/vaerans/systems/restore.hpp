// The restoration step of wavelet pictures. Shapes and errors: docs/reference/systems.md.
#pragma once

#include <cstdint>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct RestoreOptions {
  std::int64_t strength = 32;  ///< 16 log2(step / 4), rounded, up to 80; 0: nothing is restored
  bool visual = false;         ///< for what is seen, not for the least error
};

/// Planes (C, H, W) f32 → the same planes; its inverse takes the noise of the quantiser out of them.
[[nodiscard]] SystemPtr Restore(const RestoreOptions& options = {});
/// Decoded planes → restored planes.
[[nodiscard]] SystemPtr RestoreInverse();

}  // namespace vaerans
