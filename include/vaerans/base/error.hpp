// Errors: one exception type, a pinned code, and a text that says what, where and what to do.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace vaerans {

/// What went wrong. The numbers are part of the interface: they never change and are never reused.
enum class ErrorCode : std::uint16_t {
  invalid_argument = 1,      ///< a parameter or an array is outside what the call accepts
  shape = 2,                 ///< a tensor shape is empty, overflows or does not fit
  dtype = 3,                 ///< a tensor has the wrong element type
  arena_full = 10,           ///< an allocation does not fit into the arena
  foreign_ref = 11,          ///< a TensorRef of another arena was used
  stale_ref = 12,            ///< a TensorRef was used after its memory was rewound
  unknown_entity = 20,       ///< an entity id is not alive in this world
  missing_component = 21,    ///< an entity lacks the component that was asked for
  contract = 30,             ///< a chain does not fit together
  unknown_system = 31,       ///< a recipe names a system that nobody registered
  bad_recipe = 32,           ///< a recipe cannot be parsed
  bad_parameter = 33,        ///< a system does not know or cannot accept a parameter
  non_finite = 34,           ///< NaN or infinity where a number is needed
  model_not_found = 40,      ///< no model of that name is on the path
  model_invalid = 41,        ///< a model folder is incomplete or contradicts itself
  model_mismatch = 42,       ///< a file was made with other weights than those found
  runtime_not_found = 43,    ///< the ONNX Runtime library or a provider is missing
  inference = 44,            ///< running a model failed
  corrupt_stream = 50,       ///< bytes that no encoder wrote
  unsupported_version = 51,  ///< a file of a newer format
  limit_exceeded = 52,       ///< a size is over the limits in force
  base_mismatch = 53,        ///< the decoded base picture differs from the encoder's
  image_unreadable = 60,     ///< a picture file cannot be decoded
  image_unsupported = 61,    ///< a picture of a kind that the call does not take (grey, 16 bit)
  io = 62,                   ///< reading or writing failed
  exists = 63,               ///< an output exists and may not be overwritten
  internal = 99,             ///< a bug in vaerans: please report it
};

/// The name of a code, such as "arena_full".
[[nodiscard]] std::string_view error_name(ErrorCode code) noexcept;

/// The only exception type that the library throws on purpose.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// Thrown by Arena: carries the numbers so that a caller can retry with a larger arena.
class ArenaFull : public Error {
 public:
  ArenaFull(std::uint64_t asked, std::uint64_t left, std::uint64_t capacity);
  std::uint64_t asked, left, capacity;  ///< bytes
};

}  // namespace vaerans
