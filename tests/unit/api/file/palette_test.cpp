// The palette that goes along in a file.
#include "vaerans/palette.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.hpp"
#include "format/container.hpp"
#include "format/packed.hpp"
#include "vaerans/api.hpp"

namespace vaerans::test {
namespace {

Bytes a_file() {
  const Bytes pixels(36, 7);
  CompressOptions exact;
  exact.lossless = true;
  return compress(ImageView{pixels.data(), 3, 4, 3, 0}, exact);
}

Palette some(std::size_t colors, std::uint32_t bits, std::uint32_t with_alpha) {
  Palette out{.colors = std::vector<Palette::Color>(colors, {1, 2, 3, 255}), .with_alpha = with_alpha, .bits = bits};
  for (std::size_t i = 0; i < colors; ++i) out.colors[i][0] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < std::min<std::size_t>(colors, with_alpha); ++i)
    out.colors[i][3] = static_cast<std::uint8_t>(9 * i);
  return out;
}

TEST(FilePalette, ComesBack) {
  EXPECT_FALSE(file_palette(a_file()));
  for (const Palette& palette : {some(1, 1, 0), some(2, 1, 1), some(16, 4, 0), some(256, 8, 256), some(200, 8, 3)}) {
    const Bytes file = with_palette(a_file(), palette);
    EXPECT_EQ(file_palette(file), palette);
    EXPECT_EQ(decompress(file).rgb, decompress(a_file()).rgb);
    EXPECT_EQ(file_palette(with_palette(file, some(3, 2, 0))), some(3, 2, 0));  // in the place of its own
    EXPECT_EQ(strip_file(file), strip_file(a_file()));
  }
}

TEST(FilePalette, ImpossibleOnesAreRefused) {
  for (const Palette& palette : {some(0, 8, 0), some(257, 8, 0), some(3, 1, 0), some(3, 3, 0), some(3, 2, 4)})
    EXPECT_ERROR(invalid_argument, "1 to 256 colours", (void)with_palette(a_file(), palette));
}

TEST(FilePalette, ChunksThatAreNoneSayNothing) {
  const Bytes whole{2, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255};  // three colours of two bits, the first with alpha
  const Bytes file = a_file();
  const auto of_chunk = [&](const Bytes& content) {
    Frame frame = scan_frame(std::as_bytes(std::span(file)), {});
    const ByteBuffer packed = pack(content);
    frame.chunks.push_back({.name = "vaerans.palette", .content = packed});
    return file_palette(write_frame(source_of(frame.header, {}, file.size()), frame.chunks));
  };
  EXPECT_TRUE(of_chunk(whole));
  for (std::size_t n = 0; n < 11; ++n) EXPECT_FALSE(of_chunk({whole.begin(), whole.begin() + n})) << n;
  Bytes long_one = whole;
  long_one.insert(long_one.end(), 3, 0);
  EXPECT_FALSE(of_chunk(long_one));
}

}  // namespace
}  // namespace vaerans::test
