// What a plan says of memory, held against the limit.
#pragma once

#include <cstdint>
#include <string>

#include "vaerans/base/error.hpp"
#include "vaerans/base/limits.hpp"

namespace vaerans {

/// Throws Error(limit_exceeded) where undoing a step takes more memory than allowed.
inline void require_memory(std::uint64_t bytes, const Limits& limits) {
  if (bytes <= limits.max_memory) return;
  throw Error(ErrorCode::limit_exceeded, "undoing it takes " + std::to_string(bytes) +
                                             " bytes of memory, over the limit of " +
                                             std::to_string(limits.max_memory) +
                                             "; raise Limits.max_memory (--max-memory) if the file is to be trusted");
}

}  // namespace vaerans
