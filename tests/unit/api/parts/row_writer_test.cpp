// Rows in, the file of the whole out; rows of that out again.
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "vaerans/rows.hpp"

namespace vaerans::test {
namespace {

class MemorySink final : public ByteSink {
 public:
  void write(std::span<const std::uint8_t> more) override { bytes.insert(bytes.end(), more.begin(), more.end()); }
  Bytes bytes;
};

/// Two rows of tiles, RGB and alpha.
Image picture() {
  Image image{900, 40, Bytes(900 * 40 * 4)};
  image.channels = 4;
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i / 7 + i % 11);
  return image;
}

ImageView rows_of(const Image& image, std::uint64_t first, std::uint64_t count) {
  ImageView view = image.view();
  view.data += first * image.width * view.pixel_bytes();
  view.height = count;
  return view;
}

TEST(RowWriter, GivesTheFileOfTheWhole) {
  const Image image = picture();
  RowWriter writer({image.height, image.width, 4});
  for (std::uint64_t row = 0; row < image.height; row += 100) writer.write(rows_of(image, row, 100));
  MemorySink sink;
  const std::uint64_t bytes = writer.finish(sink);
  EXPECT_EQ(bytes, sink.bytes.size());
  CompressOptions options;
  options.lossless = true;
  EXPECT_EQ(sink.bytes, compress(image.view(), options));
}

TEST(RowWriter, RefusesWhatDoesNotFit) {
  const Image image = picture();
  RowWriter writer({100, image.width, 4});
  EXPECT_ERROR(shape, "101 rows where only 100", writer.write(rows_of(image, 0, 101)));
  ImageView narrow = rows_of(image, 0, 1);
  narrow.width = 39;
  EXPECT_ERROR(shape, "rows of 40 pixels, 4 channels, u8 are wanted", writer.write(narrow));
  MemorySink sink;
  EXPECT_ERROR(contract, "100 of 100 rows are missing", (void)writer.finish(sink));
  EXPECT_ERROR(shape, "one to four channels", RowWriter({1, 1, 5}));
  EXPECT_ERROR(limit_exceeded, "per side", RowWriter({1, 1ULL << 40, 3}));
  EXPECT_ERROR(bad_parameter, "0 to 100", RowWriter({1, 1, 3}, {.max_error = 101}));
}

TEST(RowReader, GivesRowsOfTheWhole) {
  const Image image = picture();
  CompressOptions options;
  options.lossless = true;
  const Bytes file = compress(image.view(), options);
  const auto source = memory_source(file);
  RowReader reader(*source);
  EXPECT_TRUE(reader.bounded());
  EXPECT_EQ(reader.kind(), (PictureKind{900, 40, 4, DType::u8}));
  Bytes all;
  while (reader.rows_left() != 0) {
    const Image rows = reader.read(350);
    all.insert(all.end(), rows.rgb.begin(), rows.rgb.end());
  }
  EXPECT_EQ(all, image.rgb);
}

TEST(SpooledSource, LooksAtTheFrontFirst) {
  std::size_t asked = 0;
  const auto zeros = [&](std::span<std::uint8_t> out) {
    ++asked;
    return out.size();
  };
  EXPECT_ERROR(corrupt_stream, "not a .vrs file", (void)spooled_source(zeros));
  EXPECT_EQ(asked, 1U);
  EXPECT_ERROR(corrupt_stream, "empty", (void)spooled_source([](std::span<std::uint8_t>) { return std::size_t{0}; }));
}

}  // namespace
}  // namespace vaerans::test
