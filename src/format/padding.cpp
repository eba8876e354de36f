#include "format/padding.hpp"

#include <string_view>

namespace vaerans {
namespace {

constexpr std::string_view kName = "vaerans.padding";

}  // namespace

std::uint64_t padding_for(std::uint64_t pixels, std::uint64_t file_bytes) {
  constexpr Limits usual;
  if (pixels > 4 * usual.max_pixels) return 0;  // such readers refuse it anyway
  const std::uint64_t least = usual.least_file_bytes(pixels);
  return file_bytes < least ? least - file_bytes : 0;
}

Chunk padding_chunk(const ByteBuffer& zeros) { return {.name = std::string(kName), .content = zeros}; }

bool is_padding(const Chunk& chunk) { return chunk.is(layout::ChunkNumber::named) && chunk.name == kName; }

}  // namespace vaerans
