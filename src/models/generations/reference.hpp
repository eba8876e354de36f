// How a text names a generation of a model: its name, its decoder's hash, or both.
#pragma once

#include <string>
#include <string_view>

namespace vaerans::models {

/// "photo-f8c32", "photo-f8c32@8a2b87d570770c6a", "@8a2b87d570770c6a" or, where it is long enough to be no name, the
/// hash alone.
struct ModelReference {
  std::string name;  ///< with a hash, only a hint: the hash decides
  std::string hash;  ///< the first hex digits of the decoder's hash, in lower case; empty: whichever has the name
};

/// Digits that a reference needs, at least, and those that a file holds.
inline constexpr std::size_t min_hash_digits = 8, file_hash_digits = 16, all_hash_digits = 64;

/// Whether a text is `least` to 64 hex digits.
[[nodiscard]] bool is_hash(std::string_view text, std::size_t least = min_hash_digits) noexcept;

/// Splits at the last '@' behind which there is a hash. Any other text is a name.
[[nodiscard]] ModelReference parse_reference(std::string_view text);

/// What is wrong with what stands behind the last '@' of a text that parse_reference() takes for a name, as a sentence
/// without its full stop; "" where nothing is.
[[nodiscard]] std::string reference_problem(std::string_view text);

/// The text that parse_reference() splits.
[[nodiscard]] std::string reference_to(std::string_view name, std::string_view hash);

/// What a person has to type to get a decoder that is not there; of fewer digits than that takes, how to get at more.
[[nodiscard]] std::string fetch_command(std::string_view hash);

}  // namespace vaerans::models
