// What a plan refuses before anything is decoded.
#include "api/plan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <list>

#include "expect_error.hpp"
#include "format/container.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"
#include "vaerans/systems/restore.hpp"

namespace vaerans {
namespace {

constexpr const char* kWavelet = "ycocg | cdf97(levels=2) | quantize_bands(step=60) | ans(coder=mixing)";

Bytes compressed(std::size_t side) {
  const auto picture = test::scene(side, side);
  return compress(ImageView{picture.rgb.data(), side, side, 3, 0}, {.recipe = kWavelet});
}

// The file's stream under a header of another size, with so many restorations in its chain.
Bytes crafted(const Bytes& file, std::uint64_t side, std::size_t restorations) {
  StoredFile parts = parse_container(std::as_bytes(std::span(file)), {});
  parts.source.shape = Shape{side, side, 3};
  const StoredStep restoration{Restore({.strength = 40}), {}};
  parts.base.steps.insert(parts.base.steps.begin() + 1, restorations, restoration);
  return write_container(parts);
}

TEST(Plan, CountsTheTimeOfEachRestoration) {
  const Bytes file = compressed(64);
  ASSERT_LT(file.size(), 2000U);
  const Bytes bomb = crafted(file, 4096, 12);  // 16 megapixels alone may be of any number of bytes
  EXPECT_ERROR(limit_exceeded, "restore_inverse: undoing the steps takes as long as decoding", (void)decompress(bomb));
  EXPECT_ERROR(limit_exceeded, "max_pixels_per_byte", (void)decompress(bomb));
}

// A trail as reading gives it, of restorations alone.
struct Restorations {
  Restorations(std::size_t count, std::uint64_t side) {
    const Spec planes{Kind::planes, DType::f32, Shape{3, side, side}, {}};
    const Spec picture{Kind::image, DType::u8, Shape{side, side, 3}, {}};
    const TrailStep* last = &steps.emplace_back(TrailStep{none.get(), "", picture, byte, nullptr});
    for (std::size_t i = 0; i < count; ++i) last = &steps.emplace_back(TrailStep{system.get(), "", planes, {}, last});
    stream.trail = last;
  }
  std::array<std::byte, 1> byte{};
  SystemPtr system = Restore({.strength = 40}), none = Restore({.strength = 0});
  std::list<TrailStep> steps;
  Component stream;
};

TEST(Plan, LeavesRestorationsThatPicturesHave) {
  EXPECT_NO_THROW(require_undo_time(Restorations(1, 16384).stream, {}));  // the most pixels, of one byte
  EXPECT_NO_THROW(require_undo_time(Restorations(3, 16384).stream, {}));  // as long as these take anyway
  EXPECT_NO_THROW(require_undo_time(Restorations(14, 1024).stream, {}));  // a small picture's, of any number
  EXPECT_ERROR(limit_exceeded, "as long as decoding 67108860 pixels, but there are only 1 bytes",
               require_undo_time(Restorations(12, 4096).stream, {.max_pixels_per_byte = 0}));
  EXPECT_ERROR(limit_exceeded, "steps", require_undo_time(Restorations(4, 16384).stream, {.max_pixels_per_byte = 0}));
  EXPECT_NO_THROW(require_undo_time(Restorations(4, 16384).stream, {.max_pixels_per_byte = ~std::uint64_t{0}}));
}

}  // namespace
}  // namespace vaerans
