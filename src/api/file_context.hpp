// The context of a call that makes a file or reads one.
#pragma once

#include "vaerans/core/context.hpp"
#include "vaerans/runtime.hpp"

namespace vaerans {

/// In float32 whatever the caller keeps in a world: whoever reads the file later does not know of it, and a residual
/// and a digest hold for the picture that float32 gives. Throws Error(invalid_argument) for a text that names no
/// device, also where no model runs.
[[nodiscard]] inline Context file_context(Context context) {
  require_device(context.device);
  context.dtype = DType::f32;
  return context;
}

}  // namespace vaerans
