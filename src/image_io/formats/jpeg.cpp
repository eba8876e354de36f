// JPEG: whether so few bytes can hold so many pixels (ITU-T T.81, annex B).
#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {
namespace {

bool is_frame(unsigned marker) {
  constexpr unsigned huffman_tables = 0xC4, reserved = 0xC8, arithmetic_conditions = 0xCC;
  return marker >= 0xC0 && marker <= 0xCF && marker != huffman_tables && marker != reserved &&
         marker != arithmetic_conditions;
}

}  // namespace

void inspect_jpeg(const ByteView& file, Facts& facts) {
  std::uint64_t at = 2;
  while (file.holds(at, 9) && file.u8(at) == 0xFF) {
    const unsigned marker = file.u8(at + 1);
    if (marker == 0xFF) {  // a filler
      ++at;
      continue;
    }
    if (is_frame(marker)) {
      facts.height = file.u16(at + 5);
      facts.width = file.u16(at + 7);
      // Huffman's codes take a bit or more, and each block of 64 samples has a code for its mean.
      const bool huffman = marker < 0xC9;
      if (huffman) facts.require_room((facts.height + 7) / 8 * ((facts.width + 7) / 8), file.size() * 8);
      return;
    }
    at += 2 + std::uint64_t{file.u16(at + 2)};
  }
}

}  // namespace vaerans::image_io
