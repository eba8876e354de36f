// What a picture file's own header says and libvips does not tell: how many pictures there are, and which kinds of
// pictures the installed decoders get wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vaerans::image_io {

enum class Format : std::uint8_t { jpeg, png, webp, tiff, gif, heif, jxl, jp2, pnm, bmp, ico, tga, unknown };

struct Facts {
  Format format = Format::unknown;
  std::uint64_t pictures = 1;           ///< pages or frames; previews, masks and smaller copies do not count
  std::uint64_t page = 0;               ///< the first of them, for a loader that takes a page
  std::uint64_t directory = 0;          ///< in a TIFF: where that page's directory stands
  bool has_alpha = false;               ///< the header says so; a picture without alpha then is a wrong one
  std::uint64_t height = 0, width = 0;  ///< where inspect() knows them
  int late_orientation = 0;             ///< said behind the pixels, where libvips does not look any more
  double gamma = 0;                     ///< samples are light to this power, instead of sRGB's curve; 0: sRGB's curve
  std::string damage;                   ///< what is broken, where the decoder would not say so
  /// Notes a damage where `bytes` cannot hold what they claim, so that no memory is taken for it.
  void require_room(std::uint64_t needed, std::uint64_t bytes);
};

/// Error(image_unsupported) for kinds that are known and cannot be read rightly here, Error(image_unreadable) for what
/// is no picture, or ends inside its header.
[[nodiscard]] Facts inspect(std::span<const std::uint8_t> file);

/// The part of inspect() that needs no more than a file's first `format_front` bytes (or all, where there are fewer):
/// the same errors for what begins as no picture that is read here.
constexpr std::size_t format_front = 64;
void require_known_format(std::span<const std::uint8_t> front);

}  // namespace vaerans::image_io
