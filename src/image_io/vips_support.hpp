// What every file that calls libvips needs: its start, and its errors as one line of text.
#pragma once

#include <string>

namespace vaerans::image_io {

/// Starts libvips once, silences its log and switches its cache of operations off. Safe to call from any thread.
void start_vips();

/// The first line of what libvips complained about; empties its error buffer for the next call.
[[nodiscard]] std::string take_vips_error();

}  // namespace vaerans::image_io
