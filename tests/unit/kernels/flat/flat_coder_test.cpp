// The flat coder on every instruction set against its plain twin.
#include "kernels/flat/flat_coder.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "each_target.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

using vaerans::test::SyntheticPicture;

void put(const SyntheticPicture& picture, int components, FlatBuffers& buffers) {
  const int h = static_cast<int>(picture.h), w = static_cast<int>(picture.w);
  buffers.pixels.reset(w, h, 0);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const std::uint8_t* const p = picture.rgb.data() + 3 * (y * w + x);
      buffers.pixels.row(y)[x] = components == 3 ? p[1] | p[0] << 8 | p[2] << 16 : p[1];
    }
  }
}

std::vector<std::int32_t> pixels_of(FlatBuffers& buffers, const FlatShape& shape) {
  std::vector<std::int32_t> out;
  for (int y = 0; y < shape.height; ++y)
    out.insert(out.end(), buffers.pixels.row(y), buffers.pixels.row(y) + shape.width);
  return out;
}

ByteBuffer stream_of(const FlatBuffers& buffers) {
  ByteBuffer out;
  buffers.decisions.write(out);
  return out;
}

TEST(FlatCoder, EveryTargetWritesTheStreamOfTheTwinAndReadsIt) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 70U}, {50U, 1U}, {2U, 3U}, {40U, 61U}}) {
    for (const int components : {1, 3}) {
      for (const auto& picture : {vaerans::test::marks(h, w), vaerans::test::scene(h, w), vaerans::test::flat(h, w),
                                  vaerans::test::noise_picture(h, w)}) {
        const FlatShape shape{static_cast<int>(w), static_cast<int>(h), components};
        FlatBuffers buffers;
        put(picture, components, buffers);
        const auto source = pixels_of(buffers, shape);
        ref::encode_flat(shape, {}, buffers);
        const auto expected = stream_of(buffers);
        test::for_each_target([&] {
          put(picture, components, buffers);
          encode_flat(shape, {}, buffers);
          EXPECT_EQ(stream_of(buffers), expected);
          buffers.pixels.reset(shape.width, shape.height, 0);
          DecisionDecoder decoder(expected);
          decode_flat(shape, {}, buffers, decoder);
          EXPECT_EQ(decoder.finish(), Status::ok);
          EXPECT_EQ(pixels_of(buffers, shape), source);
        });
      }
    }
  }
}

TEST(FlatCoder, CoveredPixelsAreLeftOut) {
  const FlatShape shape{60, 40, 3};
  FlatBuffers buffers;
  put(vaerans::test::noise_picture(40, 60), 3, buffers);
  std::vector<std::uint8_t> covered(40 * 60);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 60; ++x) {
      if (x % 7 < 3 && y != 5) continue;
      covered[static_cast<std::size_t>(60 * y + x)] = 1;
      buffers.pixels.row(y)[x] = 0;
    }
  }
  const auto source = pixels_of(buffers, shape);
  encode_flat(shape, {}, buffers);
  const std::size_t all = stream_of(buffers).size();
  encode_flat(shape, covered, buffers);
  const auto stream = stream_of(buffers);
  EXPECT_LT(stream.size(), all);
  buffers.pixels.reset(60, 40, 0);
  DecisionDecoder decoder(stream);
  decode_flat(shape, covered, buffers, decoder);
  EXPECT_EQ(decoder.finish(), Status::ok);
  EXPECT_EQ(pixels_of(buffers, shape), source);
}

// A page of one letter, again and again: what the first row of letters cost is paid once.
TEST(FlatCoder, WhatRepeatsCostsNextToNothing) {
  const auto letter = vaerans::test::noise_picture(12, 10);
  SyntheticPicture page{12 * 20, 10 * 20, std::vector<std::uint8_t>(std::size_t{3} * 240 * 200)};
  for (std::size_t y = 0; y < 240; ++y) {
    for (std::size_t x = 0; x < 200; ++x) {
      for (std::size_t c = 0; c < 3; ++c)
        page.rgb[3 * (200 * y + x) + c] = letter.rgb[3 * (10 * (y % 12) + x % 10) + c];
    }
  }
  FlatBuffers buffers;
  put(page, 3, buffers);
  encode_flat({200, 240, 3}, {}, buffers);
  EXPECT_LT(stream_of(buffers).size(), 2 * letter.rgb.size());
}

TEST(FlatCoder, StreamsThatEndEarlyAreTold) {
  const FlatShape shape{61, 40, 3};
  FlatBuffers buffers;
  put(vaerans::test::scene(40, 61), 3, buffers);
  encode_flat(shape, {}, buffers);
  const auto stream = stream_of(buffers);
  for (std::size_t size = 0; size < stream.size(); size += 1 + stream.size() / 7) {
    buffers.pixels.reset(shape.width, shape.height, 0);
    DecisionDecoder decoder(std::span<const std::byte>(stream).first(size));
    decode_flat(shape, {}, buffers, decoder);
    EXPECT_NE(decoder.finish(), Status::ok);
  }
}

}  // namespace
}  // namespace vaerans::kernels
