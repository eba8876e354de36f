// The chunk of a palette: under a name, since a reader from before there were any carries named chunks along.
#include "vaerans/palette.hpp"

#include <algorithm>

#include "format/container.hpp"
#include "format/draft.hpp"
#include "format/packed.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kName = "vaerans.palette";
constexpr std::size_t kMostColors = 256, kHead = 2;

bool is_depth(unsigned bits) { return bits == 1 || bits == 2 || bits == 4 || bits == 8; }

void require_palette(const Palette& palette) {
  const std::size_t n = palette.colors.size();
  const bool right = n >= 1 && n <= kMostColors && is_depth(palette.bits) && n <= std::size_t{1} << palette.bits &&
                     palette.with_alpha <= n;
  if (!right) throw Error(ErrorCode::invalid_argument, "a palette has 1 to 256 colours, no more than its bits tell");
}

/// u8 bits · u8 number of colours - 1 · their red, green, blue · alpha of the first ones.
Bytes bytes_of(const Palette& palette) {
  Bytes out{static_cast<std::uint8_t>(palette.bits), static_cast<std::uint8_t>(palette.colors.size() - 1)};
  for (const Palette::Color& color : palette.colors) out.insert(out.end(), color.begin(), color.begin() + 3);
  for (std::size_t i = 0; i < palette.with_alpha; ++i) out.push_back(palette.colors[i][3]);
  return out;
}

std::optional<Palette> palette_of(const Bytes& bytes) {
  if (bytes.size() < kHead || !is_depth(bytes[0])) return std::nullopt;
  const std::size_t n = std::size_t{bytes[1]} + 1, colors_end = kHead + 3 * n;
  if (n > std::size_t{1} << bytes[0] || bytes.size() < colors_end || bytes.size() > colors_end + n) return std::nullopt;
  Palette out{.colors = std::vector<Palette::Color>(n),
              .with_alpha = static_cast<std::uint32_t>(bytes.size() - colors_end),
              .bits = bytes[0]};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out.colors[i][c] = bytes[kHead + 3 * i + c];
    out.colors[i][3] = i < out.with_alpha ? bytes[colors_end + i] : 255;
  }
  return out;
}

bool is_palette(const Chunk& chunk) { return chunk.is(layout::ChunkNumber::named) && chunk.name == kName; }

Frame intact_frame(std::span<const std::byte> file, const Limits& limits) {
  Frame frame = scan_frame(file, limits);
  require_intact(frame);
  return frame;
}

}  // namespace

Bytes with_palette(std::span<const std::uint8_t> bytes, const Palette& palette, const Limits& limits) {
  require_palette(palette);
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) return with_palette(strip_file(bytes, {}, limits), palette, limits);
  Frame frame = intact_frame(file, limits);
  std::erase_if(frame.chunks, is_palette);
  const ByteBuffer packed = pack(bytes_of(palette));
  frame.chunks.push_back({.name = std::string(kName), .content = packed});
  sort_chunks(frame.chunks);
  return write_frame(source_of(frame.header, limits, file.size()), frame.chunks);
}

std::optional<Palette> file_palette(std::span<const std::uint8_t> bytes, const Limits& limits) {
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) return std::nullopt;
  const Frame frame = intact_frame(file, limits);
  const auto found = std::ranges::find_if(frame.chunks, is_palette);
  if (found == frame.chunks.end()) return std::nullopt;
  const auto unpacked = unpack(found->content, "chunk 'vaerans.palette'");
  if (!unpacked) return std::nullopt;
  return palette_of(*unpacked);
}

}  // namespace vaerans
