// Picture files by libvips: PNG, JPEG, WebP, TIFF and whatever else the installed libvips reads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/api.hpp"

namespace vaerans {

/// Lower-case suffixes (".png") of the kinds of files that read_image reads, the last ones where the installed libvips
/// does. For choosing files by name, in folders; read_image itself goes by the content.
[[nodiscard]] std::span<const std::string_view> picture_suffixes() noexcept;

struct ReadImageOptions {
  bool convert = false;  ///< accept grey, alpha (over white), 16 bit, the first of several pages, by converting
  bool alpha = false;    ///< take 8-bit RGB with alpha as it is
  bool any = false;      ///< take grey, alpha and 16 bit as they are
  /// Keep ICC, EXIF and XMP in Image::metadata, and the pixels in the colours of the profile, if that is one of RGB.
  /// Otherwise they become sRGB, and nothing else is kept.
  bool metadata = false;
  bool tolerant = false;  ///< take what can be decoded of a damaged picture, the rest being black or grey
  Limits limits;
};

/// Reads 8-bit RGB, and other kinds where the options say so; the orientation is applied (and 1 in what is kept of EXIF
/// and XMP) and an embedded ICC profile converted to sRGB, unless it is kept. Kinds that are not asked for:
/// Error(image_unsupported) that says how to convert. Error(image_unreadable), Error(io), Error(limit_exceeded).
[[nodiscard]] Image read_image(const std::string& path, const ReadImageOptions& options = {});
/// `name`: what errors call these bytes.
[[nodiscard]] Image read_image(std::span<const std::uint8_t> bytes, const ReadImageOptions& options = {},
                               const std::string& name = "picture in memory");

/// To be called first thing in main(). From then on read_image decodes in child processes, which are this same program
/// started anew: a decoder that crashes, hangs or eats memory costs one picture an Error, and not the program its life.
/// In such a child the call decodes pictures and does not return. Without it, read_image decodes in this process, one
/// picture at a time, and refuses the kinds of pictures that are known to crash a decoder.
void isolate_picture_reading(int argc, char** argv);

struct WriteImageOptions {
  /// 1 to 100, for JPEG, AVIF and HEIC (by default nearly without loss), and for lossy WebP, JPEG XL and JPEG 2000 (by
  /// default without loss). Error(invalid_argument) for other formats.
  std::optional<int> quality = {};
  /// Written byte by byte as far as the format holds it (see dropped_metadata).
  PictureMetadata metadata = {};
};

/// What of this metadata a file with such a suffix cannot hold: "ICC profile", "EXIF", "XMP". PNG, JPEG and WebP hold
/// all (but in JPEG no EXIF or XMP above 64 kB), so does TIFF (EXIF field by field, and none that is damaged), JPEG XL,
/// AVIF and HEIC hold ICC, others nothing.
[[nodiscard]] std::vector<std::string> dropped_metadata(const PictureMetadata& metadata, const std::string& suffix);

/// Writes by the suffix of `path` (PNG, TIFF, WebP, JPEG, PPM, PAM, NPY…) through a temporary file that is renamed.
/// Error(exists) unless `overwrite`; Error(io).
void write_image(const std::string& path, const ImageView& image, bool overwrite = false,
                 const WriteImageOptions& options = {});
[[nodiscard]] Bytes encode_image(const ImageView& image, const std::string& suffix = ".png",
                                 const WriteImageOptions& options = {});

/// Whole files, with the same guarantees: write_bytes goes through a temporary file beside the target and renames it.
/// `look` is shown the first bytes, 64 or all where there are fewer, before anything else is read; it throws where the
/// rest is not wanted.
using LookAtFront = std::function<void(std::span<const std::uint8_t>)>;
[[nodiscard]] Bytes read_bytes(const std::string& path, std::uint64_t max_bytes, const LookAtFront& look = {});
/// Throws Error(image_unreadable or image_unsupported) where `name` begins as no picture that is read here.
void require_picture(std::span<const std::uint8_t> front, const std::string& name);
/// A .vrs file; anything else is refused from its first bytes, however long it is: Error(corrupt_stream).
[[nodiscard]] Bytes read_vrs(const std::string& path, const Limits& limits = {});
void write_bytes(const std::string& path, std::span<const std::uint8_t> bytes, bool overwrite = false);
/// For a program that is about to end at once, such as by a signal: removes the temporary files of writes that are
/// still going on.
void remove_unfinished_files();

}  // namespace vaerans
