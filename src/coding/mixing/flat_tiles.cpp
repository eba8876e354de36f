#include "coding/mixing/flat_tiles.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "coding/mixing/flat_windows.hpp"
#include "coding/mixing/parts.hpp"

namespace vaerans {
namespace {

using kernels::FlatShape;
using kernels::PaddedPlane;

// What a pixel of the flat coder stands for.
enum class FlatForm : std::uint8_t {
  colors = 0,   // G, R, B
  grey = 1,     // one sample, of all planes
  palette = 2,  // a place in the list of the tile's colours
};
constexpr std::size_t kMostColors = 256;

using Picture = PixelPlanes<const std::uint8_t>;

// One tile of a picture.
class Tile {
 public:
  Tile(Picture picture, const TileArea& area) : picture_(picture), area_(area) {}
  [[nodiscard]] FlatExtents extents() const { return {area_.width, area_.height}; }
  [[nodiscard]] std::size_t planes() const { return picture_.planes(); }
  [[nodiscard]] std::size_t index(std::size_t plane, int y) const {
    return (plane * picture_.height + area_.top + static_cast<std::size_t>(y)) * picture_.width + area_.left;
  }
  [[nodiscard]] std::int32_t pixel(int y, int x) const {
    std::int32_t out = 0;
    for (std::size_t p = planes(); p-- > 0;)
      out = out << 8 | picture_.samples[index(p, y) + static_cast<std::size_t>(x)];
    return out;
  }
  [[nodiscard]] TileArea within(const TileArea& window) const {
    return {area_.top + window.top, area_.left + window.left, window.height, window.width};
  }
  [[nodiscard]] Picture picture() const { return picture_; }

 private:
  Picture picture_;
  TileArea area_;
};

void pack(const Tile& tile, PaddedPlane& pixels) {
  const auto [width, height] = tile.extents();
  pixels.reset(width, height, 0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) pixels.row(y)[x] = tile.pixel(y, x);
  }
}

template <typename Each>
void for_each_pixel(PaddedPlane& pixels, const FlatExtents& tile, Each each) {
  for (int y = 0; y < tile.height; ++y) {
    for (std::int32_t& v : std::span(pixels.row(y), static_cast<std::size_t>(tile.width))) each(v);
  }
}

void clear_covered(PaddedPlane& pixels, const FlatExtents& tile, std::span<const std::uint8_t> covered) {
  if (covered.empty()) return;
  std::size_t i = 0;
  for_each_pixel(pixels, tile, [&](std::int32_t& v) { v = covered[i++] != 0 ? 0 : v; });
}

// ---- the form ----------------------------------------------------------------------------------------------------

using Colors = std::vector<std::int32_t>;

int brightness(std::int32_t color) { return 2 * (color & 255) + (color >> 8 & 255) + (color >> 16 & 255); }

// The colours of a tile from dark to bright; none where they are too many for a list.
Colors colors_of(PaddedPlane& pixels, const FlatExtents& tile) {
  std::unordered_map<std::int32_t, int> found;
  std::int32_t before = -1;
  for_each_pixel(pixels, tile, [&](std::int32_t v) {
    if (v != before && found.size() <= kMostColors) found.try_emplace(v);
    before = v;
  });
  Colors out;
  if (found.size() > kMostColors) return out;
  for (const auto& [color, unused] : found) out.push_back(color);
  std::ranges::sort(out, {}, [](std::int32_t c) { return std::pair(brightness(c), c); });
  return out;
}

bool is_grey(const Colors& colors) {
  return std::ranges::all_of(colors, [](std::int32_t c) { return c == (c & 255) * 0x10101; });
}

void to_places(PaddedPlane& pixels, const FlatExtents& tile, const Colors& colors) {
  std::unordered_map<std::int32_t, std::int32_t> place;
  for (const std::int32_t c : colors) place.emplace(c, static_cast<std::int32_t>(place.size()));
  std::pair<std::int32_t, std::int32_t> before{-1, 0};
  for_each_pixel(pixels, tile, [&](std::int32_t& v) {
    if (v != before.first) before = {v, place.at(v)};
    v = before.second;
  });
}

struct Formed {
  FlatForm form = FlatForm::grey;
  Colors palette;
};

// Chooses the form of packed pixels and brings them into it.
Formed form_of(const Tile& tile, PaddedPlane& pixels) {
  if (tile.planes() == 1) return {};
  Colors colors = colors_of(pixels, tile.extents());
  if (colors.empty()) return {FlatForm::colors, {}};
  if (is_grey(colors)) {
    for_each_pixel(pixels, tile.extents(), [](std::int32_t& v) { v &= 255; });
    return {};
  }
  // A colour of the list takes three bytes, one that is not in a list costs about two when it is new.
  if (colors.size() * 64 > tile.extents().pixels()) return {FlatForm::colors, {}};
  to_places(pixels, tile.extents(), colors);
  return {FlatForm::palette, std::move(colors)};
}

void write_palette(const Colors& palette, ByteWriter& out) {
  out.u8(static_cast<std::uint8_t>(palette.size() - 1));
  for (const std::int32_t color : palette) {
    for (const int shift : {0, 8, 16}) out.u8(static_cast<std::uint8_t>(color >> shift & 255));
  }
}

Colors read_palette(ByteReader& in) {
  Colors out(std::size_t{in.u8()} + 1);
  for (std::int32_t& color : out) {
    for (const int shift : {0, 8, 16}) color |= in.u8() << shift;
  }
  return out;
}

int components_of(FlatForm form) { return form == FlatForm::colors ? 3 : 1; }

FlatShape shape_of(const FlatExtents& tile, FlatForm form) { return {tile.width, tile.height, components_of(form)}; }

// ---- encoder -----------------------------------------------------------------------------------------------------

std::vector<ByteBuffer> coded_windows(const Tile& tile, const FlatWindows& windows, FlatTileBuffers& buffers) {
  std::vector<ByteBuffer> out(windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i)
    encode_tile(tile.picture(), tile.within(windows[i]), TilePlan{}, buffers.windows, out[i]);
  return out;
}

ByteBuffer written(const Tile& tile, const Formed& formed, const FlatWindows& windows, FlatTileBuffers& buffers) {
  std::vector<std::uint8_t> covered;
  (void)cover(windows, tile.extents(), covered);
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(formed.form));
  write_windows(windows, out);
  write_parts(coded_windows(tile, windows, buffers), out);
  if (formed.form == FlatForm::palette) write_palette(formed.palette, out);
  ByteBuffer bytes = out.take();
  if (!covered.empty() && std::ranges::find(covered, std::uint8_t{0}) == covered.end()) return bytes;
  clear_covered(buffers.flat.pixels, tile.extents(), covered);
  kernels::encode_flat(shape_of(tile.extents(), formed.form), covered, buffers.flat);
  buffers.flat.decisions.write(bytes);
  return bytes;
}

}  // namespace

void encode_flat_tile(Picture picture, const TileArea& area, FlatTileBuffers& buffers, ByteBuffer& out) {
  const Tile tile(picture, area);
  pack(tile, buffers.flat.pixels);
  const Formed formed = form_of(tile, buffers.flat.pixels);
  out = written(tile, formed, {}, buffers);
  if (formed.form == FlatForm::palette) return;  // no photo has so few colours
  const FlatWindows windows = find_windows(buffers.flat.pixels, tile.extents());
  if (windows.empty()) return;
  if (ByteBuffer parted = written(tile, formed, windows, buffers); parted.size() < out.size()) out = std::move(parted);
}

std::vector<ByteBuffer> encode_flat_tiles(PixelPlanes<const std::uint8_t> picture, const TilePlan& plan,
                                          unsigned threads) {
  const auto tiles = tiles_of(picture.height, picture.width, plan);
  std::vector<ByteBuffer> out(tiles.size());
  for_each_tile_with<FlatTileBuffers>(threads, tiles, [&](std::size_t i, FlatTileBuffers& buffers) {
    encode_flat_tile(picture, tiles[i], buffers, out[i]);
  });
  return out;
}

// ---- decoder -----------------------------------------------------------------------------------------------------

namespace {

FlatForm read_form(ByteReader& in, std::size_t planes) {
  const std::uint8_t form = in.u8();
  if (form > 2) in.corrupt("a form of pixels that this version does not know");
  if (planes == 1 && form != static_cast<std::uint8_t>(FlatForm::grey)) in.corrupt("colours in one plane");
  return static_cast<FlatForm>(form);
}

// Puts the pixels that no window covers into the picture.
void unpack(PaddedPlane& pixels, const Tile& tile, std::span<const std::uint8_t> covered, FlatForm form,
            std::span<std::uint8_t> samples) {
  const auto [width, height] = tile.extents();
  for (std::size_t p = 0; p < tile.planes(); ++p) {
    const int shift = form == FlatForm::grey ? 0 : static_cast<int>(8 * p);
    for (int y = 0; y < height; ++y) {
      const std::int32_t* const row = pixels.row(y);
      std::uint8_t* const to = samples.data() + tile.index(p, y);
      const std::size_t first = static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
      for (int x = 0; x < width; ++x) {
        if (covered.empty() || covered[first + static_cast<std::size_t>(x)] == 0)
          to[x] = static_cast<std::uint8_t>(row[x] >> shift);
      }
    }
  }
}

bool to_colors(PaddedPlane& pixels, const FlatExtents& tile, const Colors& palette) {
  bool good = true;
  for_each_pixel(pixels, tile, [&](std::int32_t& v) {
    good = good && static_cast<std::size_t>(v) < palette.size();
    v = good ? palette[static_cast<std::size_t>(v)] : 0;
  });
  return good;
}

}  // namespace

std::size_t flat_decoder_bytes(const kernels::TileShape& shape) {
  constexpr std::size_t kModel = std::size_t{9} << 20U;
  constexpr std::size_t kEach = sizeof(std::int32_t) + 1;  // a pixel, and whether a window covers it
  kernels::TileShape window = shape;
  window.width = std::min(shape.width, kernels::kMostTileSide);
  window.height = std::min(shape.height, kernels::kMostTileSide);
  return kModel + kEach * static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height) +
         kernels::TileBuffers::bytes_to_decode(window);
}

void decode_flat_tile(std::span<const std::byte> bytes, PixelPlanes<std::uint8_t> picture, const TileArea& area,
                      FlatTileBuffers& buffers) {
  const Tile tile({picture.samples, picture.height, picture.width}, area);
  const FlatExtents extents = tile.extents();
  ByteReader in(bytes, "ans payload (mixing), a tile of graphics");
  const FlatForm form = read_form(in, tile.planes());
  const FlatWindows windows = read_windows(in, extents);
  std::vector<std::uint8_t> covered;
  if (!cover(windows, extents, covered)) in.corrupt("a window over another one");
  const auto parts = take_parts(in, windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i)
    decode_tile(parts[i], picture, tile.within(windows[i]), TilePlan{}, buffers.windows);
  const Colors palette = form == FlatForm::palette ? read_palette(in) : Colors{};
  if (!covered.empty() && std::ranges::find(covered, std::uint8_t{0}) == covered.end()) return in.expect_end();
  buffers.flat.pixels.reset(extents.width, extents.height, 0);
  clear_covered(buffers.flat.pixels, extents, covered);
  kernels::DecisionDecoder decoder(in.take(in.left()));
  kernels::decode_flat(shape_of(extents, form), covered, buffers.flat, decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok) in.corrupt(kernels::to_string(status));
  if (form == FlatForm::palette && !to_colors(buffers.flat.pixels, extents, palette))
    in.corrupt("a pixel that is not in the list of colours");
  unpack(buffers.flat.pixels, tile, covered, form, picture.samples);
}

}  // namespace vaerans
