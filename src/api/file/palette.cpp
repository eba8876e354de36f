// The chunk of a palette: under a name, since a reader from before there were any carries named chunks along.
#include "vaerans/palette.hpp"

#include <algorithm>

#include "api/file/chunks.hpp"
#include "format/draft.hpp"
#include "format/packed.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kName = "vaerans.palette";
constexpr std::size_t kHead = 2, kMostColors = 256;
constexpr std::size_t kMostBytes = kHead + 3 * kMostColors + kMostColors;

/// u8 bits · u8 number of colours - 1 · their red, green, blue · alpha of the first ones.
Bytes bytes_of(const Palette& palette) {
  Bytes out{static_cast<std::uint8_t>(palette.bits), static_cast<std::uint8_t>(palette.colors.size() - 1)};
  for (const Palette::Color& color : palette.colors) out.insert(out.end(), color.begin(), color.begin() + 3);
  for (std::size_t i = 0; i < palette.with_alpha; ++i) out.push_back(palette.colors[i][3]);
  return out;
}

std::optional<Palette> palette_of(const Bytes& bytes) {
  if (bytes.size() < kHead) return std::nullopt;
  const std::size_t n = std::size_t{bytes[1]} + 1, colors_end = kHead + 3 * n;
  if (bytes.size() < colors_end) return std::nullopt;
  Palette out{.colors = std::vector<Palette::Color>(n),
              .with_alpha = static_cast<std::uint32_t>(bytes.size() - colors_end),
              .bits = bytes[0]};
  if (!out.sound()) return std::nullopt;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out.colors[i][c] = bytes[kHead + 3 * i + c];
    out.colors[i][3] = i < out.with_alpha ? bytes[colors_end + i] : 255;
  }
  return out;
}

bool is_palette(const Chunk& chunk) { return chunk.is(layout::ChunkNumber::named) && chunk.name == kName; }

}  // namespace

Bytes with_palette(std::span<const std::uint8_t> bytes, const Palette& palette, const Limits& limits) {
  if (!palette.sound())
    throw Error(ErrorCode::invalid_argument, "a palette has 1 to 256 colours, no more than its bits tell");
  const ByteBuffer packed = pack(bytes_of(palette));
  const Chunk chunk{.name = std::string(kName), .content = packed};
  return with_chunks(bytes, is_palette, {&chunk, 1}, limits);
}

std::optional<Palette> file_palette(std::span<const std::uint8_t> bytes, const Limits& limits) {
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) return std::nullopt;
  const Frame frame = intact_frame(file, limits);
  const auto found = std::ranges::find_if(frame.chunks, is_palette);
  if (found == frame.chunks.end()) return std::nullopt;
  constexpr std::string_view part = "chunk 'vaerans.palette'";
  const auto size = unpacked_bytes(found->content, part);
  if (!size || *size > kMostBytes) return std::nullopt;
  return palette_of(unpack(found->content, part).value());
}

bool Palette::sound() const noexcept {
  const bool depth = bits == 1 || bits == 2 || bits == 4 || bits == 8;
  return depth && !colors.empty() && colors.size() <= std::size_t{1} << bits && with_alpha <= colors.size();
}

}  // namespace vaerans
