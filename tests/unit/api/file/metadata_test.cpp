#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

PictureMetadata some() { return {Bytes(500, 3), bytes_of("II*and so on"), bytes_of("<x:xmpmeta/>")}; }

CompressOptions wavelet() { return {.mode = "wavelet"}; }

Bytes compressed(const CompressOptions& options) {
  const auto picture = test::scene(40, 50);
  return compress(ImageView{picture.rgb.data(), picture.h, picture.w, 3, 0}, options);
}

TEST(Metadata, GoWithThePicture) {
  CompressOptions options = wavelet();
  options.metadata = {some()};
  const Bytes file = compressed(options), plain = compressed(wavelet());
  EXPECT_EQ(file_metadata(file), some());
  EXPECT_EQ(decompress(file).metadata, some());
  EXPECT_EQ(decompress(file).rgb, decompress(plain).rgb);
  EXPECT_EQ(file.size(), plain.size() + some().stored_bytes());
  EXPECT_TRUE(file_metadata(plain).empty());
}

TEST(Metadata, AreReplaced) {
  const Bytes plain = compressed(wavelet());
  const Bytes file = with_metadata(plain, some());
  EXPECT_EQ(file_metadata(file), some());
  const PictureMetadata other{{}, bytes_of("MM"), {}};
  EXPECT_EQ(file_metadata(with_metadata(file, other)), other);
  EXPECT_EQ(with_metadata(file, {}), plain);
  EXPECT_EQ(strip_file(file), plain);
}

TEST(Metadata, CountForTheSize) {
  CompressOptions options = wavelet();
  options.target_bytes = 900;
  options.metadata = {some()};
  EXPECT_LE(compressed(options).size(), 900U);
  options.target_bytes = 40;
  EXPECT_ERROR(bad_parameter, "ICC, EXIF and XMP alone take", (void)compressed(options));
}

TEST(Metadata, AreOneForEachPicture) {
  CompressOptions options = wavelet();
  options.metadata = {some(), some()};
  EXPECT_ERROR(bad_parameter, "2 sets of metadata for 1 pictures", (void)compressed(options));
}

TEST(Metadata, AreHeldAgainstTheMemoryTogether) {
  const Bytes file = with_metadata(compressed(wavelet()), {Bytes(500'000, 3), Bytes(400'000, 4), {}});
  EXPECT_EQ(file_metadata(file, {.max_memory = 900'000}).exif.size(), 400'000U);
  EXPECT_ERROR(limit_exceeded, "chunk 'exif': metadata of 900000 bytes, over the limit of 899999",
               (void)file_metadata(file, {.max_memory = 899'999}));
  EXPECT_ERROR(limit_exceeded, "chunk 'icc'", (void)file_metadata(file, {.max_memory = 1000}));
}

TEST(Metadata, HaveALimit) {
  const Bytes plain = compressed(wavelet());
  EXPECT_ERROR(limit_exceeded, "metadata of", (void)with_metadata(plain, {Bytes((64U << 20) + 1), {}, {}}));
}

}  // namespace
}  // namespace vaerans
