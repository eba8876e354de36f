// decode_picture: inspect the header, open, convert, decode.
#include "image_io/decode.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vips/vips8>

#include "image_io/formats/byte_view.hpp"
#include "image_io/formats/inspect.hpp"
#include "image_io/metadata/collect.hpp"
#include "image_io/readers/bmp.hpp"
#include "image_io/readers/ico.hpp"
#include "image_io/readers/pnm.hpp"
#include "image_io/readers/tga.hpp"
#include "image_io/to_rgb.hpp"
#include "image_io/vips_support.hpp"
#include "vaerans/base/text.hpp"

namespace vaerans::image_io {

void require_limits(std::uint64_t height, std::uint64_t width, const Limits& limits) {
  if (limits.allow_extents(height, width)) return;
  throw Error(ErrorCode::limit_exceeded, std::to_string(width) + " x " + std::to_string(height) +
                                             " pixels; the limit is " + std::to_string(limits.max_pixels) +
                                             " pixels and " + std::to_string(limits.max_side) + " per side");
}

namespace {

using vips::VImage;

/// What a callback of libvips, which is C and knows no exceptions, has to remember.
struct Delivery {
  PixelSink& sink;
  std::size_t pixel_bytes;
  std::exception_ptr failure;
};

int deliver(VipsRegion* region, VipsRect* area, void* to) {
  auto& delivery = *static_cast<Delivery*>(to);
  try {
    for (int y = area->top; y < area->top + area->height; ++y)
      delivery.sink.rows(
          {VIPS_REGION_ADDR(region, area->left, y), static_cast<std::size_t>(area->width) * delivery.pixel_bytes});
    return 0;
  } catch (...) {
    delivery.failure = std::current_exception();
    return -1;
  }
}

void decode_rows(const VImage& picture, PixelSink& sink) {
  const PictureShape shape{static_cast<std::uint64_t>(picture.height()), static_cast<std::uint64_t>(picture.width()),
                           static_cast<std::uint32_t>(picture.bands()),
                           picture.format() == VIPS_FORMAT_USHORT ? 1U : 0U};
  sink.size(shape);
  Delivery delivery{sink, static_cast<std::size_t>(shape.row_bytes() / shape.width), {}};
  const int result = vips_sink_disc(picture.get_image(), deliver, &delivery);
  if (delivery.failure) std::rethrow_exception(delivery.failure);
  if (result != 0) throw vips::VError();
}

/// The name that libvips gives its reader of a format begins so. It must be the one whose kinds of pictures inspect()
/// knows: libvips reads documents, slides and, through other libraries, almost anything, too.
std::string_view loader_of(Format format) {
  switch (format) {
    case Format::jpeg: return "VipsForeignLoadJpeg";
    case Format::png: return "VipsForeignLoadPng";
    case Format::webp: return "VipsForeignLoadWebp";
    case Format::tiff: return "VipsForeignLoadTiff";
    case Format::gif: return "VipsForeignLoadNsgif";
    case Format::heif: return "VipsForeignLoadHeif";
    case Format::jxl: return "VipsForeignLoadJxl";
    case Format::jp2: return "VipsForeignLoadJp2k";
    default: return "none";
  }
}

void require_loader(const vips::VSource& source, Format format) {
  const char* found = vips_foreign_find_load_source(source.get_source());
  if (found != nullptr && std::string_view(found).starts_with(loader_of(format))) return;
  throw Error(ErrorCode::image_unsupported, "a format that the installed libvips does not read");
}

VipsFailOn severity(Format format, bool tolerant) {
  if (tolerant) return VIPS_FAIL_ON_NONE;
  // What these two call a warning is lost pixels; with others it is an unknown tag or a profile with a flaw.
  return format == Format::jpeg || format == Format::gif ? VIPS_FAIL_ON_WARNING : VIPS_FAIL_ON_ERROR;
}

VImage open(const vips::VSource& source, const Facts& facts, bool tolerant) {
  // Sequential: one pass from top to bottom, without the temporary files libvips makes for random access.
  auto* how = VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL)->set("fail_on", severity(facts.format, tolerant));
  if (facts.format == Format::tiff) how->set("page", static_cast<int>(facts.page));
  const VImage picture = VImage::new_from_source(source, "", how);
  // Several threads ask a decoder for tiles at once, and libvips loses the error of all but one of them: a damaged
  // tile then is a black one. Decoders read one after the other anyway.
  VImage serial = picture.copy();
  serial.set(VIPS_META_CONCURRENCY, 1);
  const bool told = picture.get_typeof(VIPS_META_ORIENTATION) != 0;
  if (facts.late_orientation != 0 && !told) serial.set(VIPS_META_ORIENTATION, facts.late_orientation);
  return serial;
}

std::uint64_t pictures_in(const Facts& facts, const VImage& picture) {
  // Headers of these two are not read by inspect(). What libvips calls pages elsewhere can be smaller copies.
  const bool asked = facts.format == Format::gif || facts.format == Format::webp || facts.format == Format::heif;
  if (!asked || picture.get_typeof("n-pages") == 0) return facts.pictures;
  return std::max(facts.pictures, static_cast<std::uint64_t>(picture.get_int("n-pages")));
}

/// A few bytes must not claim hours of work.
void require_expansion(std::uint64_t pixels, std::uint64_t file_bytes, const Limits& limits) {
  if (limits.allow_expansion(pixels, file_bytes)) return;
  throw Error(ErrorCode::limit_exceeded, std::to_string(file_bytes) + " bytes for " + std::to_string(pixels) +
                                             " pixels; the limit is " + std::to_string(limits.max_pixels_per_byte) +
                                             " pixels per byte (--max-pixels-per-byte) beyond the first 16 megapixels");
}

/// What stays the same from the file to its pixels.
struct Task {
  std::span<const std::uint8_t> file;
  Facts facts;
  const ReadImageOptions& options;
  PixelSink& sink;
};

/// Whether the pixels stay in the colours of a profile that is kept.
bool deliver_metadata(const VImage& picture, const Task& task) {
  PictureMetadata found = collect_metadata(picture);
  if (task.facts.format == Format::tiff) found.exif = exif_in_tiff(task.file, task.facts.directory);
  for (const MetadataKind kind : {MetadataKind::icc, MetadataKind::exif, MetadataKind::xmp}) {
    if (const Bytes& bytes = metadata_of(found, kind); !bytes.empty()) task.sink.metadata(kind, bytes);
  }
  return !found.icc.empty();
}

void deliver_rgb(const VImage& picture, const Task& task) {
  const auto height = static_cast<std::uint64_t>(picture.height()), width = static_cast<std::uint64_t>(picture.width());
  require_limits(height, width, task.options.limits);
  require_expansion(height * width, task.file.size(), task.options.limits);
  const ReadImageOptions& options = task.options;
  if (!options.convert && !options.any) require_plain_rgb(picture, options.alpha);
  const bool keep_colours = options.metadata && deliver_metadata(picture, task);
  const double gamma = task.facts.gamma;
  decode_rows(options.convert ? to_rgb8(picture, gamma, keep_colours) : to_own_kind(picture, gamma, keep_colours),
              task.sink);
}

void decode_by_vips(const Task& task) {
  const Facts& facts = task.facts;
  const vips::VSource source = vips::VSource::new_from_memory(task.file.data(), task.file.size());
  require_loader(source, facts.format);
  const VImage picture = open(source, facts, task.options.tolerant);
  if (!task.options.convert) require_one_picture(pictures_in(facts, picture));
  if (facts.has_alpha && !picture.has_alpha())
    throw Error(ErrorCode::image_unsupported,
                "a picture with alpha of a kind that the installed libvips does not read");
  deliver_rgb(picture, task);
}

void decode_by_format(const Task& task) {
  const auto& [file, facts, options, sink] = task;
  switch (facts.format) {
    case Format::pnm: return deliver_rgb(image_of(read_pnm(file, options.limits, options.tolerant)), task);
    case Format::bmp: return deliver_rgb(image_of(read_bmp(file, options.limits, options.tolerant)), task);
    case Format::tga: return deliver_rgb(image_of(read_tga(file, options.limits, options.tolerant)), task);
    case Format::ico: return deliver_rgb(image_of(read_icon_bitmap(file, options.limits, options.tolerant)), task);
    default: return decode_by_vips(task);
  }
}

bool is_png(std::span<const std::uint8_t> file) { return ByteView(file).has(0, "\x89PNG\r\n\x1A\n"); }

/// What libvips complained about, as an error of the kind that it is.
Error error_of(const std::string& reason, const Facts& facts, const Limits& limits) {
  const std::string lower = lower_case(reason);
  const auto has = [&](std::string_view part) { return lower.find(part) != std::string::npos; };
  if (has("out of memory")) {
    return {ErrorCode::limit_exceeded, "decoding it takes more memory than there is, or than the limit of " +
                                           std::to_string(limits.max_memory) + " bytes"};
  }
  // "Unsupported JPEG data precision 12" and the like: nothing is damaged then.
  if (has("unsupported") || has("not supported") || has("unimplemented") || has("not implemented"))
    return {ErrorCode::image_unsupported, "of a kind that the installed libvips does not read (" + reason + ")"};
  // Decoders without memory give up in many words: with little of it no picture is called damaged.
  constexpr std::uint64_t base = 64U << 20U, bytes_a_pixel = 32;
  if (limits.max_memory < base || (limits.max_memory - base) / bytes_a_pixel < facts.width * facts.height)
    return {ErrorCode::limit_exceeded, "its decoder failed (" + reason + "), with memory of no more than " +
                                           std::to_string(limits.max_memory) +
                                           " bytes; raise that limit to see whether it is damaged"};
  return {ErrorCode::image_unreadable, "damaged or cut short (" + reason + ")"};
}

}  // namespace

Bytes& metadata_of(PictureMetadata& metadata, MetadataKind kind) {
  switch (kind) {
    case MetadataKind::icc: return metadata.icc;
    case MetadataKind::exif: return metadata.exif;
    case MetadataKind::xmp: break;
  }
  return metadata.xmp;
}

void decode_picture(std::span<const std::uint8_t> file, const ReadImageOptions& options, PixelSink& sink) {
  vips_error_clear();  // what the picture before left is no reason for this one
  const Facts facts = inspect(file);
  const bool icon = facts.format == Format::ico;
  const std::span<const std::uint8_t> picture = icon ? largest_icon(file) : file;
  if (icon && is_png(picture)) return decode_picture(picture, options, sink);
  require_limits(facts.height, facts.width, options.limits);
  if (!facts.damage.empty() && !options.tolerant) damaged_picture(facts.damage);
  if (!options.convert) require_one_picture(facts.pictures);
  try {
    decode_by_format({picture, facts, options, sink});
  } catch (const vips::VError&) {
    throw error_of(take_vips_error(), facts, options.limits);
  }
}

}  // namespace vaerans::image_io
