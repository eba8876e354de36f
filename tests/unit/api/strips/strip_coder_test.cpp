// Strip by strip comes the file of the whole, byte by byte.
#include "api/strips/strip_coder.hpp"

#include <gtest/gtest.h>

#include "api/arena_size.hpp"
#include "api/dial/dial.hpp"
#include "expect_error.hpp"
#include "picture_kinds.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

Bytes of_the_whole(const Image& picture, const QuantizeBandsOptions& bands) {
  World world(arena_bytes_for(picture.height * picture.width));
  const EntityId entity = world.spawn_image(picture.view());
  (void)band_pipeline(bands).run(world, {&entity, 1}, {});
  return write_file(world, entity);
}

Bytes of_strips(const Image& picture, const QuantizeBandsOptions& bands, unsigned threads = 2, std::uint64_t room = 0) {
  RowsInMemory rows(picture.view());
  Context context;
  context.threads = threads;
  return code_in_strips(rows, bands, context, {.bands = room, .tiles = 64 * room});
}

QuantizeBandsOptions options(bool visual, std::int64_t effort, std::int64_t tile, double step = 8) {
  QuantizeBandsOptions out = band_options(visual, effort, tile);
  out.step = step;
  return out;
}

TEST(StripCoder, GivesTheFileOfTheWholeForAnySize) {
  for (const auto& [h, w] : {std::pair{1023, 300}, {1024, 257}, {1025, 31}, {513, 700}, {897, 1}, {40, 900}, {2, 3}}) {
    const Image picture = test::image_of(test::scene(h, w));
    for (const bool visual : {false, true}) {
      const auto bands = options(visual, 5, 256);
      EXPECT_EQ(of_strips(picture, bands), of_the_whole(picture, bands))
          << h << " x " << w << (visual ? ", visual" : "");
    }
  }
}

TEST(StripCoder, GivesItForAnyTileEffortAndStep) {
  const Image picture = test::image_of(test::scene(1100, 260));
  for (const std::int64_t tile : {256, 512, 1024}) {
    for (const std::int64_t effort : {1, 6}) {
      const auto bands = options(true, effort, tile, tile == 256 ? 1 : 20);
      EXPECT_EQ(of_strips(picture, bands), of_the_whole(picture, bands)) << "tile " << tile << ", effort " << effort;
    }
  }
}

TEST(StripCoder, GivesItForGreyAndDeepSamples) {
  const auto scene = test::scene(700, 300);
  for (const Image& picture :
       {test::grey_of(scene), test::deep_of(test::image_of(scene), 100), test::deep_of(test::grey_of(scene), 3)}) {
    const auto bands = options(true, 5, 256);
    EXPECT_EQ(of_strips(picture, bands), of_the_whole(picture, bands));
  }
}

TEST(StripCoder, ThreadsAndMemoryDoNotMatter) {
  const Image picture = test::image_of(test::scene(1300, 280));
  const auto bands = options(true, 3, 256);
  const Bytes whole = of_the_whole(picture, bands);
  for (const unsigned threads : {1U, 3U, 8U}) {
    for (const std::uint64_t room : {std::uint64_t{0}, std::uint64_t{3} << 20, std::uint64_t{1} << 30})
      EXPECT_EQ(of_strips(picture, bands, threads, room), whole) << threads << " threads, " << room << " bytes";
  }
}

TEST(StripCoder, RowsMayLieApart) {
  const Image picture = test::image_of(test::scene(600, 300));
  ImageView part = picture.view();
  part.row_bytes = part.stride();
  part.width = 270;
  Image copy{600, 270, {}};
  for (std::uint64_t y = 0; y < part.height; ++y)
    copy.rgb.insert(copy.rgb.end(), part.data + y * part.stride(), part.data + y * part.stride() + 3 * part.width);
  RowsInMemory rows(part);
  EXPECT_EQ(code_in_strips(rows, options(true, 5, 256), {}), of_the_whole(copy, options(true, 5, 256)));
}

TEST(StripCoder, StepsThatAreTooSmallAreRefused) {
  const Image picture = test::image_of(test::scene(600, 300));
  EXPECT_ERROR(limit_exceeded, "use a larger step", (void)of_strips(picture, options(true, 5, 256, 0.01)));
}

TEST(StripCoder, IsForLargePictures) {
  EXPECT_FALSE(goes_in_strips(4096, 4096));
  EXPECT_TRUE(goes_in_strips(4096, 4097));
}

}  // namespace
}  // namespace vaerans
