#include "vaerans/base/error.hpp"

namespace vaerans {

std::string_view error_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::shape: return "shape";
    case ErrorCode::dtype: return "dtype";
    case ErrorCode::arena_full: return "arena_full";
    case ErrorCode::foreign_ref: return "foreign_ref";
    case ErrorCode::stale_ref: return "stale_ref";
    case ErrorCode::unknown_entity: return "unknown_entity";
    case ErrorCode::missing_component: return "missing_component";
    case ErrorCode::contract: return "contract";
    case ErrorCode::unknown_system: return "unknown_system";
    case ErrorCode::bad_recipe: return "bad_recipe";
    case ErrorCode::bad_parameter: return "bad_parameter";
    case ErrorCode::non_finite: return "non_finite";
    case ErrorCode::model_not_found: return "model_not_found";
    case ErrorCode::model_invalid: return "model_invalid";
    case ErrorCode::model_mismatch: return "model_mismatch";
    case ErrorCode::runtime_not_found: return "runtime_not_found";
    case ErrorCode::inference: return "inference";
    case ErrorCode::corrupt_stream: return "corrupt_stream";
    case ErrorCode::unsupported_version: return "unsupported_version";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
    case ErrorCode::base_mismatch: return "base_mismatch";
    case ErrorCode::image_unreadable: return "image_unreadable";
    case ErrorCode::image_unsupported: return "image_unsupported";
    case ErrorCode::io: return "io";
    case ErrorCode::exists: return "exists";
    case ErrorCode::internal: return "internal";
  }
  return "unknown";
}

ArenaFull::ArenaFull(std::uint64_t asked_bytes, std::uint64_t left_bytes, std::uint64_t capacity_bytes)
    : Error(ErrorCode::arena_full, "arena full: asked for " + std::to_string(asked_bytes) + " bytes, " +
                                       std::to_string(left_bytes) + " left of " + std::to_string(capacity_bytes) +
                                       "; despawn() entities or reset() the world, or use a larger arena_bytes or "
                                       "smaller batches"),
      asked(asked_bytes),
      left(left_bytes),
      capacity(capacity_bytes) {}

}  // namespace vaerans
