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

Bytes by_rows(const Image& image, const RowOptions& options, const Context& context = {}) {
  RowWriter writer({image.height, image.width, image.channels, image.dtype}, options, context);
  for (std::uint64_t row = 0; row < image.height; row += 100) writer.write(rows_of(image, row, 100));
  MemorySink sink;
  const std::uint64_t bytes = writer.finish(sink);
  EXPECT_EQ(bytes, sink.bytes.size());
  return sink.bytes;
}

TEST(RowWriter, GivesTheFileOfTheWhole) {
  const Image image = picture();
  CompressOptions options;
  options.lossless = true;
  EXPECT_EQ(by_rows(image, {}), compress(image.view(), options));
}

TEST(RowWriter, TakesTheModelsOfAnEffort) {
  const Image image = picture();
  std::vector<std::size_t> sizes;
  for (const std::int64_t effort : {1, 3, 5, 8}) {
    for (const std::int64_t max_error : {0, 2}) {
      CompressOptions options;
      options.max_error = max_error;
      options.effort = effort;
      const Bytes file = by_rows(image, {.max_error = max_error, .effort = effort});
      EXPECT_EQ(file, compress(image.view(), options)) << "effort " << effort << ", largest error " << max_error;
      if (max_error == 0) sizes.push_back(file.size());
      const auto source = memory_source(file);
      RowReader reader(*source);
      EXPECT_TRUE(reader.bounded());
      EXPECT_EQ(reader.read(450).rgb.size() + reader.read(450).rgb.size(), image.rgb.size());
    }
  }
  EXPECT_NE(sizes[0], sizes[1]);
  EXPECT_EQ(sizes[1], sizes[2]);
  EXPECT_LE(sizes[3], sizes[2]);
}

Bytes by_wavelet(const Image& image, double quality, std::int64_t effort = default_effort) {
  CompressOptions options;
  options.quality = quality;
  options.mode = "wavelet";
  options.effort = effort;
  options.metadata = {image.metadata};
  return compress(image.view(), options);
}

TEST(RowWriter, GivesTheWaveletsFileOfAQuality) {
  Image image = picture();
  image.metadata.exif = {1, 2, 3};
  for (const std::int64_t effort : {1, 5}) {
    const Bytes file = by_rows(image, {.metadata = image.metadata, .effort = effort, .quality = 60});
    EXPECT_EQ(file, by_wavelet(image, 60, effort));
  }
  Context little;
  little.limits.max_memory = std::uint64_t{4} << 20;  // is that of coding alpha
  EXPECT_ERROR(limit_exceeded, "a row of tiles", (void)by_rows(image, {.quality = 60}, little));
}

// More than the eight megapixels that are looked at as a whole.
TEST(RowWriter, GivesItOfLargePictures) {
  Image image{2100, 4100, Bytes(std::size_t{2100} * 4100)};
  image.channels = 1;
  for (std::size_t i = 0; i < image.rgb.size(); ++i)
    image.rgb[i] = static_cast<std::uint8_t>(i / 40000 + i % 4100 / 60 + i % 7);
  const Bytes file = by_rows(image, {.effort = 1, .quality = 70});
  EXPECT_EQ(file, by_wavelet(image, 70, 1));
  EXPECT_GT(file_info(file).chunks.size(), 2U) << "an index of its tiles";
}

TEST(RowWriter, CountsTheMemoryOfAnEffort) {
  const Image image = picture();
  Context context;
  context.limits.max_memory = std::uint64_t{6} << 20;
  const PictureKind kind{image.height, image.width, 4};
  EXPECT_NO_THROW(RowWriter(kind, {.effort = 1}, context));
  EXPECT_ERROR(limit_exceeded, "ask for less effort", RowWriter(kind, {}, context));
  context.limits.max_memory = std::uint64_t{12} << 20;
  EXPECT_NO_THROW(RowWriter(kind, {}, context));
  EXPECT_ERROR(limit_exceeded, "a row of tiles of this picture takes", RowWriter(kind, {.effort = 8}, context));
  context.limits.max_memory = std::uint64_t{36} << 20;  // there is room for one thread
  EXPECT_EQ(by_rows(image, {.effort = 9}, context), by_rows(image, {.effort = 9}));
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
  EXPECT_ERROR(bad_parameter, "1 to below 100", RowWriter({1, 1, 3}, {.quality = 100}));
  EXPECT_ERROR(bad_parameter, "without a largest error", RowWriter({1, 1, 3}, {.max_error = 1, .quality = 80}));
  EXPECT_ERROR(bad_parameter, "effort is 1 to 9, not 0", RowWriter({1, 1, 3}, {.effort = 0}));
  EXPECT_ERROR(bad_parameter, "effort is 1 to 9, not 10", RowWriter({1, 1, 3}, {.effort = 10}));
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

TEST(RowWriter, AFileThatLacksRowsIsNeverFinished) {
  Image deep{20, 10, Bytes(20 * 10 * 2)};
  deep.channels = 1;
  deep.dtype = DType::u16;
  deep.rgb[101] = 0x0F;  // more than ten bits
  RowWriter writer({deep.height, deep.width, 1, DType::u16}, {.bits = 10});
  EXPECT_ERROR(bad_parameter, "more than the 10 bits", writer.write(deep.view()));
  MemorySink sink;
  EXPECT_ERROR(contract, "begin the file anew", (void)writer.finish(sink));
  EXPECT_ERROR(contract, "begin the file anew", writer.write(deep.view()));
  EXPECT_TRUE(sink.bytes.empty());

  const Image image = picture();
  Context context;
  context.limits.max_file_bytes = 100;
  RowWriter lossy({image.height, image.width, image.channels, image.dtype}, {.quality = 50}, context);
  EXPECT_THROW(
      {
        for (std::uint64_t row = 0; row < image.height; row += 100) lossy.write(rows_of(image, row, 100));
      },
      Error);
  EXPECT_THROW((void)lossy.finish(sink), Error);
}

TEST(RowWriter, RowsThatDoNotFitCostNothing) {
  const Image image = picture();
  RowWriter writer({image.height, image.width, image.channels, image.dtype}, {});
  ImageView wrong = image.view();
  wrong.width -= 1;
  EXPECT_ERROR(shape, "rows of 40 pixels", writer.write(wrong));
  writer.write(image.view());
  MemorySink sink;
  EXPECT_GT(writer.finish(sink), 0U);
}

}  // namespace
}  // namespace vaerans::test
