// PNGs in a palette: what is read of them, and written.
#include <gtest/gtest.h>

#include <algorithm>

#include "vaerans/palette_png.hpp"

namespace vaerans::test {
namespace {

Palette some(std::size_t colors, std::uint32_t bits, std::uint32_t with_alpha = 0) {
  Palette out{.colors = std::vector<Palette::Color>(colors), .with_alpha = with_alpha, .bits = bits};
  for (std::size_t i = 0; i < colors; ++i) {
    const auto n = static_cast<std::uint8_t>(i);
    out.colors[i] = {static_cast<std::uint8_t>(200 - 3 * n), static_cast<std::uint8_t>(7 * n), n,
                     i < with_alpha ? static_cast<std::uint8_t>(2 * n) : std::uint8_t{255}};
  }
  return out;
}

/// All colours of a palette but the last, over and over.
Image picture_in(const Palette& palette) {
  Image image;
  image.height = 5;
  image.width = 13;
  image.channels = palette.with_alpha == 0 ? 3 : 4;
  for (std::size_t i = 0; i < image.height * image.width; ++i) {
    const auto& color = palette.colors[i % std::max<std::size_t>(1, palette.colors.size() - 1)];
    image.rgb.insert(image.rgb.end(), color.begin(), color.begin() + image.channels);
  }
  return image;
}

Image read_all(const Bytes& file) {
  ReadImageOptions how;
  how.any = how.metadata = true;
  return read_image(file, how);
}

TEST(PalettePng, ComesBackWithItsPixelsAndItsPalette) {
  for (const Palette& palette : {some(2, 1), some(1, 1), some(3, 2), some(16, 4), some(60, 8), some(60, 8, 5)}) {
    const Image image = picture_in(palette);
    const auto file = encode_in_palette(image.view(), palette);
    ASSERT_TRUE(file) << palette.colors.size();
    EXPECT_EQ(palette_of_png(*file), palette);
    const Image back = read_all(*file);
    EXPECT_EQ(back.rgb, image.rgb) << palette.colors.size();
    EXPECT_EQ(back.channels, image.channels);
  }
}

TEST(PalettePng, TakesMetadata) {
  const Palette palette = some(16, 4);
  PictureMetadata said;
  said.xmp = {60, 120, 47, 62};
  const auto file = encode_in_palette(picture_in(palette).view(), palette, said);
  ASSERT_TRUE(file);
  EXPECT_EQ(read_all(*file).metadata, said);
  EXPECT_EQ(palette_of_png(*file), palette);
}

TEST(PalettePng, OtherColoursAreOfNoPalette) {
  const Palette palette = some(16, 4);
  Image image = picture_in(palette);
  EXPECT_TRUE(holds_picture(palette, image.view()));
  image.rgb.back() ^= 1;
  EXPECT_FALSE(holds_picture(palette, image.view()));
  EXPECT_FALSE(encode_in_palette(image.view(), palette));
}

TEST(PalettePng, NothingButAWholePaletteIsOne) {
  const auto file = encode_in_palette(picture_in(some(16, 4)).view(), some(16, 4));
  ASSERT_TRUE(file);
  for (std::size_t n = 0; n < 33 + 12 + 48; ++n) EXPECT_FALSE(palette_of_png(std::span(*file).first(n))) << n;
  EXPECT_FALSE(palette_of_png(encode_image(picture_in(some(16, 4)).view(), ".png")));
  Bytes odd = *file;
  odd[24] = 3;  // bits of a number
  EXPECT_FALSE(palette_of_png(odd));
  odd[24] = 2;  // too few for so many colours
  EXPECT_FALSE(palette_of_png(odd));
  EXPECT_FALSE(read_palette("/nowhere/at/all.png"));
}

}  // namespace
}  // namespace vaerans::test
