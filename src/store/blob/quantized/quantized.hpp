// Arrays quantised by steps: integers, their symbols, and the way back.
#pragma once

#include <cstddef>
#include <span>

#include "base/memory.hpp"
#include "store/blob/header.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {

/// The words behind a header, and the symbols that they stand for: `wide` where header.wide is set, else `bytes`.
struct Coded {
  Words words;
  RecycledRoom<std::uint8_t> bytes;
  RecycledRoom<std::uint16_t> wide;
};

/// Codes `x` by the type, shape, base, scales and centers of `header`, and fills in the rest of it but the errors.
/// Throws Error(bad_parameter) where the step is too fine for the alphabet.
[[nodiscard]] Coded encode_quantized(std::span<const float> x, Header& header);

/// What decode_quantized() makes of the symbols, without the way through the words.
void restore_quantized(const Header& header, const Coded& coded, NumberType type, std::span<std::byte> out);

/// `out` has room for all numbers. Throws Error(corrupt_stream).
void decode_quantized(const Parts& parts, NumberType type, std::span<std::byte> out);

/// Two blobs side by side, where that is quicker. False: decode_quantized() is needed for each, and says what is wrong.
[[nodiscard]] bool decode_quantized_both(const Parts& a, const Parts& b, NumberType type, std::span<std::byte> out,
                                         std::span<std::byte> other_out);

}  // namespace vaerans::blob
