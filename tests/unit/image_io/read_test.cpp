// read_image: what is accepted, converted and refused.
#include <gtest/gtest.h>
#include <unistd.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "pictures.hpp"

namespace vaerans::test {
namespace {

namespace fs = std::filesystem;

constexpr auto mid_grey = [](auto, auto, auto) { return 128U; };

/// The error that `call` throws; a failure of the test where it throws none.
template <typename Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorCode::internal, ""};
}

ErrorCode code_of_reading(const Bytes& bytes, const ReadImageOptions& options = {}) {
  return error_of([&] { (void)read_image(bytes, options); }).code();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Folder : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const Bytes& bytes) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }
  fs::path folder_ = fs::temp_directory_path() / ("vaerans-read-test-" + std::to_string(::getpid()));
};
using ReadFiles = Folder;

TEST(ReadImage, LosslessFormatsGiveEveryPixelBack) {
  const Image image = gradient(37, 53);
  for (const char* suffix : {".png", ".tif", ".webp", ".ppm", ".jxl", ".jp2"}) {
    const Image back = read_image(encode_image(image.view(), suffix));
    EXPECT_EQ(back.height, 37U) << suffix;
    EXPECT_EQ(back.width, 53U) << suffix;
    EXPECT_EQ(back.rgb, image.rgb) << suffix;
  }
}

TEST(ReadImage, KeepsKindsThatAreAskedFor) {
  const std::array colors = {PngColor::grey, PngColor::grey_alpha, PngColor::rgb, PngColor::rgb_alpha};
  for (unsigned channels = 1; channels <= 4; ++channels) {
    for (const unsigned bits : {8U, 16U}) {
      const PngSpec spec{.color = colors[channels - 1], .bits = bits, .chunks = {}};
      const Bytes png = make_png(spec, png_samples(spec, channels, mid_grey));
      const Image image = read_image(png, {.any = true, .limits = {}});
      EXPECT_EQ(image.channels, channels);
      EXPECT_EQ(image.dtype, bits == 16 ? DType::u16 : DType::u8);
      EXPECT_EQ(image.rgb.size(), 12U * channels * bits / 8);
      EXPECT_EQ(read_image(encode_image(image.view(), ".png"), {.any = true, .limits = {}}).rgb, image.rgb);
      EXPECT_EQ(read_image(encode_image(image.view(), ".pam"), {.any = true, .limits = {}}).rgb, image.rgb);
    }
  }
}

TEST(ReadImage, RefusesWhatIsNotPlainRgb) {
  struct Case {
    PngColor color;
    unsigned channels, bits;
    const char* text;
  };
  const std::array cases = {Case{PngColor::grey, 1, 8, "a grey picture"},
                            Case{PngColor::grey, 1, 16, "a 16-bit grey picture"},
                            Case{PngColor::grey_alpha, 2, 8, "a grey picture with alpha"},
                            Case{PngColor::rgb, 3, 16, "a 16-bit colour picture"},
                            Case{PngColor::rgb_alpha, 4, 8, "a colour picture with alpha"},
                            Case{PngColor::rgb_alpha, 4, 16, "a 16-bit colour picture with alpha"}};
  for (const Case& c : cases) {
    const PngSpec spec{.color = c.color, .bits = c.bits, .chunks = {}};
    const Bytes png = make_png(spec, png_samples(spec, c.channels, mid_grey));
    const Error error = error_of([&] { (void)read_image(png); });
    EXPECT_EQ(error.code(), ErrorCode::image_unsupported) << c.text;
    EXPECT_TRUE(has(error.what(), c.text)) << error.what();
    EXPECT_TRUE(has(error.what(), "vaerans compress --convert")) << error.what();
    EXPECT_EQ(read_image(png, {.convert = true, .limits = {}}).rgb.size(), 36U) << c.text;
  }
}

TEST(ReadImage, ConvertsGreyAndDepthByTheirValues) {
  PngSpec spec{.color = PngColor::grey, .bits = 8, .chunks = {}};
  const Image from_grey = read_image(make_png(spec, png_samples(spec, 1, mid_grey)), {.convert = true, .limits = {}});
  for (const auto v : from_grey.rgb) EXPECT_EQ(v, 128);
  spec = {.color = PngColor::rgb, .bits = 16, .chunks = {}};
  const auto deep = [](auto, auto, auto c) { return (c + 1) * 0x3F3F; };
  const Image from_deep = read_image(make_png(spec, png_samples(spec, 3, deep)), {.convert = true, .limits = {}});
  EXPECT_EQ((std::vector<std::uint8_t>(from_deep.rgb.begin(), from_deep.rgb.begin() + 3)),
            (std::vector<std::uint8_t>{0x3F, 0x7E, 0xBD}));
}

TEST(ReadImage, LaysAlphaOverWhite) {
  const PngSpec spec{.color = PngColor::rgb_alpha, .chunks = {}};
  const auto half_red = [](auto, auto, auto c) { return std::array{255U, 0U, 0U, 128U}[c]; };
  const Image image = read_image(make_png(spec, png_samples(spec, 4, half_red)), {.convert = true, .limits = {}});
  EXPECT_EQ(image.rgb[0], 255);
  EXPECT_NEAR(image.rgb[1], 127, 1);
  EXPECT_NEAR(image.rgb[2], 127, 1);
}

TEST(ReadImage, AppliesExifOrientation) {
  const Image image = gradient(32, 64);
  const Bytes jpeg = encode_image(image.view(), ".jpg");
  const Image plain = read_image(jpeg);
  // Orientation 6: the first row of the file is the right side of the picture.
  const Image turned = read_image(with_exif_orientation(jpeg, 6));
  ASSERT_EQ(turned.height, 64U);
  ASSERT_EQ(turned.width, 32U);
  for (std::uint64_t y = 0; y < 64; ++y) {
    for (std::uint64_t x = 0; x < 32; ++x) {
      ASSERT_EQ(turned.rgb[(y * 32 + x) * 3], plain.rgb[((31 - x) * 64 + y) * 3]) << x << "," << y;
    }
  }
}

TEST(ReadImage, ConvertsEmbeddedProfiles) {
  // sRGB's colorants with red and green exchanged: the picture's channels must come out exchanged.
  PngSpec spec;
  const Bytes profile =
      make_icc_profile({0.3851, 0.7169, 0.0971}, {0.4361, 0.2225, 0.0139}, {0.1431, 0.0606, 0.7141}, 2.2);
  spec.chunks = {{"iCCP", iccp_chunk(profile)}};
  const auto red = [](auto, auto, auto c) { return c == 0 ? 255U : 0U; };
  const Image image = read_image(make_png(spec, png_samples(spec, 3, red)));
  EXPECT_LE(image.rgb[0], 8);
  EXPECT_GE(image.rgb[1], 247);
  EXPECT_LE(image.rgb[2], 8);
}

TEST(ReadImage, KeepsPixelsOfSrgbProfilesAndOfBrokenOnes) {
  const auto colors = [](auto x, auto y, auto c) { return x * 61 + y * 17 + c * 5; };
  PngSpec spec;
  const Image plain = read_image(make_png(spec, png_samples(spec, 3, colors)));
  spec.chunks = {{"iCCP", iccp_chunk(Bytes(300, 0x55))}};
  EXPECT_EQ(read_image(make_png(spec, png_samples(spec, 3, colors))).rgb, plain.rgb);
}

TEST(ReadImage, RefusesDamagedPictures) {
  const Image image = gradient(200, 200);
  for (const char* suffix : {".png", ".jpg", ".webp", ".tif", ".ppm"}) {
    Bytes bytes = encode_image(image.view(), suffix);
    bytes.resize(bytes.size() * 6 / 10);
    EXPECT_EQ(code_of_reading(bytes), ErrorCode::image_unreadable) << suffix;
  }
}

TEST(ReadImage, NeverCrashesOnFlippedBytes) {
  const Image image = gradient(9, 11);
  for (const char* suffix : {".png", ".jpg", ".webp", ".tif"}) {
    const Bytes bytes = encode_image(image.view(), suffix);
    for (std::size_t i = 0; i < bytes.size(); i += 1 + i / 40) {
      Bytes broken = bytes;
      broken[i] ^= 0xFF;
      try {
        (void)read_image(broken, {.convert = true, .limits = {.max_pixels = 1 << 20}});
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::internal) << suffix << " byte " << i << ": " << error.what();
      }
    }
  }
}

TEST(ReadImage, RefusesWhatIsNoPicture) {
  const std::string text = "3 3\n1 2 3\n4 5 6\n7 8 9\n";
  EXPECT_EQ(code_of_reading(Bytes(text.begin(), text.end())), ErrorCode::image_unreadable);
  const std::string svg =
      "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>";
  EXPECT_EQ(code_of_reading(Bytes(svg.begin(), svg.end())), ErrorCode::image_unreadable);
  EXPECT_EQ(code_of_reading({}), ErrorCode::image_unreadable);
}

TEST(ReadImage, ChecksLimitsBeforeItDecodes) {
  // A header that promises 40 000 × 40 000 pixels, and next to no data: decoding would fail with another code.
  const PngSpec spec{.width = 40000, .height = 40000, .chunks = {}};
  EXPECT_EQ(code_of_reading(make_png(spec, Bytes(64))), ErrorCode::limit_exceeded);
  const Bytes small = encode_image(gradient(8, 100).view(), ".png");
  EXPECT_EQ(code_of_reading(small, {.convert = false, .limits = {.max_pixels = 799}}), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of_reading(small, {.convert = false, .limits = {.max_side = 99}}), ErrorCode::limit_exceeded);
}

TEST(ReadImage, FewBytesDoNotClaimManyPixels) {
  const PngSpec spec{.width = 5000, .height = 5000, .chunks = {}};
  const Bytes flat = make_png(spec, Bytes(std::size_t{5000} * 15001));
  EXPECT_EQ(code_of_reading(flat, {.convert = false, .limits = {.max_pixels_per_byte = 100}}),
            ErrorCode::limit_exceeded);
  EXPECT_EQ(read_image(flat, {.convert = false, .limits = {.max_pixels_per_byte = 1000}}).width, 5000U);
}

TEST_F(ReadFiles, NamesTheFileInErrors) {
  const std::string empty = write("empty.png", {});
  const Error error = error_of([&] { (void)read_image(empty); });
  EXPECT_EQ(error.code(), ErrorCode::image_unreadable);
  EXPECT_EQ(error.what(), empty + ": empty (0 bytes)");
  EXPECT_EQ(error_of([] { (void)read_image(Bytes{}, {}, "stdin"); }).what(), std::string("stdin: empty (0 bytes)"));

  const Error missing = error_of([&] { (void)read_image(empty + ".not"); });
  EXPECT_EQ(missing.code(), ErrorCode::io);
  EXPECT_EQ(missing.what(), empty + ".not: cannot be read: No such file or directory");

  const Error is_folder = error_of([&] { (void)read_image(folder_.string()); });
  EXPECT_EQ(is_folder.code(), ErrorCode::io);
  EXPECT_TRUE(has(is_folder.what(), "Is a directory")) << is_folder.what();
}

TEST_F(ReadFiles, TakesNamesAsTheyAre) {
  // libvips' own names carry options in brackets; ours do not.
  const std::string path = write("größe 写真[page=7].png", encode_image(gradient(5, 6).view()));
  EXPECT_EQ(read_image(path).rgb, gradient(5, 6).rgb);
}

TEST_F(ReadFiles, GoesByContentNotBySuffix) {
  const std::string path = write("really-a.jpg", encode_image(gradient(5, 6).view(), ".png"));
  EXPECT_EQ(read_image(path).rgb, gradient(5, 6).rgb);
}

}  // namespace
}  // namespace vaerans::test
