// Limits: what a decoder accepts before it allocates anything. Files are hostile until proven otherwise.
#pragma once

#include <cstdint>

namespace vaerans {

/// Every bound is checked before memory is taken. Raise one where your data needs it.
struct Limits {
  std::uint64_t max_pixels = 1ULL << 28;  ///< height × width of one picture (268 megapixels)
  std::uint64_t max_side = 1ULL << 18;    ///< pixels in one direction
  /// Pixels of a picture for each byte of its file, beyond the first 16 megapixels: a few bytes must not claim hours of
  /// work. Files of large pictures of one flat colour would come near it, and are padded. Steps that take longer than
  /// their pixels count as the pixels that would take as long (System::undo_pixels()).
  std::uint64_t max_pixels_per_byte = 1ULL << 12;
  std::uint64_t max_channels = 1024;           ///< channels of a latent
  std::uint64_t max_steps = 16;                ///< steps of one recipe
  std::uint64_t max_alphabet = 1ULL << 16;     ///< symbols of one table
  std::uint64_t max_file_bytes = 1ULL << 32;   ///< bytes of one .vrs file
  std::uint64_t max_memory = 1ULL << 32;       ///< bytes for decoding a picture or file, or for coding one row by row
  std::uint64_t max_batch = 64;                ///< pictures or tiles in one run of a model
  std::uint64_t max_run_bytes = 512ULL << 20;  ///< memory of one run of a model, as reckoned from its graph; it decides
                                               ///< how many pictures go together, and from which size on they are tiled

  /// Whether a picture, or a plane of a latent, may be so large.
  [[nodiscard]] constexpr bool allow_extents(std::uint64_t height, std::uint64_t width) const noexcept {
    return height <= max_side && width <= max_side && (width == 0 || height <= max_pixels / width);
  }
  static constexpr std::uint64_t free_pixels = 1ULL << 24;
  /// Whether a file of so many bytes may stand for so many pixels.
  [[nodiscard]] constexpr bool allow_expansion(std::uint64_t pixels, std::uint64_t file_bytes) const noexcept {
    return pixels <= free_pixels || file_bytes == 0 || (pixels - free_pixels) / file_bytes <= max_pixels_per_byte;
  }
  /// So large a file always may; encoders pad smaller ones, so that whatever they write is read.
  [[nodiscard]] constexpr std::uint64_t least_file_bytes(std::uint64_t pixels) const noexcept {
    return pixels <= free_pixels ? 0
                                 : (pixels - free_pixels) / (max_pixels_per_byte == 0 ? 1 : max_pixels_per_byte) + 1;
  }
};

}  // namespace vaerans
