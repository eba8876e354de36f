// Picture files by libvips: PNG, JPEG, WebP, TIFF and whatever else the installed libvips reads.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "vaerans/api.hpp"

namespace vaerans {

struct ReadImageOptions {
  bool convert = false;  ///< accept grey, alpha (over white) and 16 bit by converting, instead of refusing
  Limits limits;
};

/// Reads 8-bit RGB; EXIF orientation is applied and an embedded ICC profile converted to sRGB. Grey, alpha and 16-bit
/// pictures: Error(image_unsupported) that says how to convert. Error(image_unreadable), Error(io),
/// Error(limit_exceeded).
[[nodiscard]] Image read_image(const std::string& path, const ReadImageOptions& options = {});
[[nodiscard]] Image read_image(std::span<const std::uint8_t> bytes, const ReadImageOptions& options = {});

/// Writes by the suffix of `path` (PNG, TIFF, WebP, JPEG…) through a temporary file that is renamed.
/// Error(exists) unless `overwrite`; Error(io).
void write_image(const std::string& path, const ImageView& image, bool overwrite = false);
[[nodiscard]] Bytes encode_image(const ImageView& image, const std::string& suffix = ".png");

/// Whole files, with the same guarantees: write_bytes goes through a temporary file beside the target and renames it.
[[nodiscard]] Bytes read_bytes(const std::string& path, std::uint64_t max_bytes);
void write_bytes(const std::string& path, std::span<const std::uint8_t> bytes, bool overwrite = false);

}  // namespace vaerans
