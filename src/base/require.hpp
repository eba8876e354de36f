// How a kernel's status becomes an error.
#pragma once

#include <string>

#include "base/status.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {

/// Throws Error(internal) unless ok: for kernels that can only fail if the caller has a bug.
inline void require_ok(kernels::Status status, const char* what) {
  if (status == kernels::Status::ok) return;
  throw Error(ErrorCode::internal, std::string(what) + ": " + kernels::to_string(status));
}

}  // namespace vaerans
