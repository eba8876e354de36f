// Channels that are rotated where that pays, seen from the blobs that they make.
#include "store/blob/fit/rotation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "blobs.hpp"

namespace vaerans {
namespace {

using test::count_of;
using test::decoded;
using test::gaussian;
using test::Kind;
using test::relative_error;
using test::Shape;

std::vector<float> related(std::size_t before, std::size_t channels, std::size_t n, std::uint64_t seed) {
  const auto sources = gaussian(before * channels * n, seed);
  const auto mixture = gaussian(channels * channels, seed + 1);
  std::vector<float> out(sources.size());
  for (std::size_t b = 0; b < before; ++b)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t k = 0; k < channels; ++k)
        for (std::size_t i = 0; i < n; ++i)
          out[(b * channels + c) * n + i] +=
              mixture[c * channels + k] * sources[(b * channels + k) * n + i] / static_cast<float>(1 + 3 * k);
  return out;
}

TEST(BlobRotation, WhatChannelsHaveInCommonIsCodedOnce) {
  const std::pair<Shape, std::uint32_t> cases[] = {
      {{4, 48, 50}, 0}, {{2, 3, 33, 41}, 1}, {{16, 40, 40}, 0}, {{5, 1000}, 0}, {{2, 6, 3, 20, 22}, 1}};
  for (const auto& [shape, axis] : cases) {
    const std::size_t before = axis == 1 ? shape[0] : 1, channels = shape[axis];
    auto x = related(before, channels, count_of(shape) / before / channels, 21);
    x[7] += 60, x[x.size() - 1] -= 50, x[x.size() / 2] += 90;
    for (const bool trellis : {false, true}) {
      const BlobOptions options{.target = {Kind::rmse, 0.02}, .channel_axis = axis, .trellis = trellis};
      const auto blob = encode_blob({x.data(), NumberType::f32, shape}, options);
      const BlobInfo info = blob_info(blob);
      EXPECT_TRUE(info.rotated) << shape.size() << " axes, " << channels << " channels";
      EXPECT_GT(info.exceptions, 0U);
      EXPECT_LE(info.rmse, 0.02);
      EXPECT_LE(relative_error(x, decoded(blob), shape, axis), 0.02001);
    }
  }
}

TEST(BlobRotation, ChannelsThatHaveNothingInCommonStayAsTheyAre) {
  const Shape shape{4, 64, 64}, text{512, 16};
  const auto x = gaussian(count_of(shape), 14);
  EXPECT_FALSE(blob_info(encode_blob({x.data(), NumberType::f32, shape})).rotated);
  const auto y = related(1, 16, 512, 15);
  EXPECT_FALSE(blob_info(encode_blob({y.data(), NumberType::f32, text}, {.target = {}, .channel_axis = 1})).rotated);
}

TEST(BlobRotation, ARotationWithAConstantChannel) {
  const Shape shape{4, 48, 48};
  auto x = related(1, 4, 48 * 48, 16);
  std::fill_n(x.begin() + 2304, 2304, 0.3F);
  const auto blob = encode_blob({x.data(), NumberType::f32, shape});
  EXPECT_TRUE(blob_info(blob).rotated);
  const auto y = decoded(blob);
  for (std::size_t i = 2304; i < 4608; ++i) ASSERT_EQ(y[i], 0.3F);
  EXPECT_LE(relative_error(x, y, shape, 0), 0.02001);
}

}  // namespace
}  // namespace vaerans
