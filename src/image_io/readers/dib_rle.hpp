// Run-length coded pixels of a DIB.
#pragma once

#include "image_io/readers/dib.hpp"

namespace vaerans::image_io {

/// Pixels that no run reaches have the palette's first colour. Error(image_unreadable) where the runs leave the picture
/// or end early; `tolerant`: what is left keeps that colour.
void read_dib_runs(const Dib& dib, const ByteView& raster, bool tolerant, Samples& samples);

}  // namespace vaerans::image_io
