// One function per format: completes the facts from the header, or refuses the picture. See inspect().
#pragma once

#include "image_io/formats/byte_view.hpp"
#include "image_io/formats/inspect.hpp"

namespace vaerans::image_io {

void inspect_jpeg(const ByteView& file, Facts& facts);
void inspect_png(const ByteView& file, Facts& facts);
void inspect_tiff(const ByteView& file, Facts& facts);
void inspect_jp2(const ByteView& file, Facts& facts);
void inspect_jxl(const ByteView& file, Facts& facts);
void inspect_gif(const ByteView& big_endian, Facts& facts);
void inspect_heif(const ByteView& file, Facts& facts);

/// Colours by ITU-T H.273, as `cICP` chunks and `nclx` boxes name them. Refuses what is not close to sRGB.
void require_srgb_like(unsigned primaries, unsigned transfer);

}  // namespace vaerans::image_io
