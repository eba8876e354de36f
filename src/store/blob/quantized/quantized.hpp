// Arrays quantised by steps: integers, their symbols, and the way back.
#pragma once

#include <cstddef>
#include <span>

#include "base/memory.hpp"
#include "store/blob/header.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {

/// Codes `x` by the type, shape, base, scales and centers of `header`, and fills in the rest of it but the errors.
/// Returns the words behind the header. Throws Error(bad_parameter) where the step is too fine for the alphabet.
[[nodiscard]] Words encode_quantized(std::span<const float> x, Header& header);

/// `out` has room for all numbers. Throws Error(corrupt_stream).
void decode_quantized(const Parts& parts, NumberType type, std::span<std::byte> out);

}  // namespace vaerans::blob
