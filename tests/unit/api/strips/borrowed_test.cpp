// Pictures that wait outside the arena until somebody wants them in it.
#include "api/strips/borrowed.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "picture_kinds.hpp"

namespace vaerans {
namespace {

TEST(Borrowed, IsCopiedWhenItIsReadInTheWorld) {
  const Image picture = test::image_of(test::scene(30, 20));
  ImageView part = picture.view();
  part.row_bytes = part.stride();
  part.width = 7;
  World world(1 << 20);
  const EntityId entity = spawn_borrowed(world, part);
  const Component& rgb = world.get(entity, "RGB");
  const auto view = borrowed_view(world, rgb);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->data, picture.rgb.data());
  EXPECT_EQ(rgb.spec.shape, (Shape{30, 7, 3}));
  const auto samples = world.arena().view<std::uint8_t>(rgb.data);
  EXPECT_FALSE(borrowed_view(world, rgb));
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(samples[i], picture.rgb[i / 21 * 60 + i % 21]);
}

TEST(Borrowed, RefusesWhatAWorldRefuses) {
  World world(1 << 20);
  EXPECT_ERROR(image_unsupported, "the picture is empty", (void)spawn_borrowed(world, {}));
  EXPECT_FALSE(borrowed_view(world, world.get(world.spawn_image(test::image_of(test::flat(2, 2)).view()), "RGB")));
}

}  // namespace
}  // namespace vaerans
