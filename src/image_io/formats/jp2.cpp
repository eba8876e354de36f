// JPEG 2000: kinds that the installed decoders get wrong, or that crash them (ISO/IEC 15444-1, annexes A and I).
#include "image_io/formats/boxes.hpp"
#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {
namespace {

constexpr std::uint64_t component_at = 42;  // where the list of components begins, in the marker segment SIZ after SOC

void require_equal_components(const ByteView& stream, unsigned components) {
  for (unsigned i = 0; i < components; ++i) {
    const unsigned depth = stream.u8(component_at + std::uint64_t{3} * i);
    if (depth != stream.u8(component_at)) refuse_picture("a JPEG 2000 picture whose channels differ in depth");
    if (depth > 127) refuse_picture("a JPEG 2000 picture of signed samples");
    if (depth != 7 && depth != 15)
      refuse_picture("a JPEG 2000 picture of " + std::to_string(depth + 1) +
                     " bits per sample; only 8 and 16 are read");
  }
}

void inspect_codestream(const ByteView& stream) {
  if (!stream.has(0, "\xFF\x4F\xFF\x51")) damaged_picture("there is no JPEG 2000 codestream in it");
  constexpr unsigned part_15 = 1U << 14;
  if ((stream.u16(6) & part_15) != 0)
    refuse_picture("a High-Throughput JPEG 2000 picture (HTJ2K), which the installed decoder gets wrong");
  const unsigned components = stream.u16(40);
  if (components == 0 || components > 4)
    refuse_picture("a JPEG 2000 picture of " + std::to_string(components) + " channels");
  require_equal_components(stream, components);
}

void require_known_colours(const ByteView& colr) {
  if (colr.u8(0) == 2) return;  // an ICC profile, which libvips applies
  constexpr std::uint32_t srgb = 16, grey = 17, sycc = 18;
  const std::uint32_t space = colr.u8(0) == 1 ? colr.u32(3) : 0;
  if (space == srgb || space == grey) return;
  if (space == sycc) refuse_picture("a JPEG 2000 picture in sYCC, whose colours the installed decoder gets wrong");
  refuse_picture("a JPEG 2000 picture of colour space " + std::to_string(space) + ", which is none of sRGB and grey");
}

/// Channels stand in their order, alpha last.
void require_plain_channels(const ByteView& cdef) {
  const unsigned count = cdef.u16(0);
  for (unsigned i = 0; i < count; ++i) {
    const unsigned channel = cdef.u16(2 + 6 * i), type = cdef.u16(4 + 6 * i), meaning = cdef.u16(6 + 6 * i);
    const bool in_order = type == 0 && meaning == channel + 1;
    const bool alpha = type == 1 && meaning == 0 && channel + 1 == count;
    if (!in_order && !alpha) refuse_picture("a JPEG 2000 picture of channels in an unusual order or of unusual kinds");
  }
}

void inspect_header(const ByteView& header) {
  Boxes boxes(header);
  while (const auto box = boxes.next()) {
    // libvips 8.14 writes past its buffers on these.
    if (box->type == "pclr" || box->type == "cmap") refuse_picture("a JPEG 2000 picture with a palette");
    if (box->type == "colr") require_known_colours(box->content);
    if (box->type == "cdef") require_plain_channels(box->content);
  }
}

}  // namespace

void inspect_jp2(const ByteView& file, Facts& facts) {
  if (file.u8(0) == 0xFF) return inspect_codestream(file);
  if (const auto header = find_box(file, "jp2h")) inspect_header(*header);
  std::uint64_t streams = 0;
  Boxes boxes(file);
  while (const auto box = boxes.next()) {
    if (box->type != "jp2c") continue;
    if (streams++ == 0) inspect_codestream(box->content);
  }
  if (streams == 0) inspect_codestream(ByteView({}));
  facts.pictures = streams;
}

}  // namespace vaerans::image_io
