// The tile coder on every instruction set against its plain twin.
#include "kernels/predict/tile_coder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "each_target.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

template <typename Sample>
struct PlanesOf {
  int h, w;
  std::vector<Sample> samples;

  explicit PlanesOf(const vaerans::test::SyntheticPicture& picture)
      : h(static_cast<int>(picture.h)), w(static_cast<int>(picture.w)), samples(picture.rgb.size()) {
    const std::size_t n = picture.h * picture.w;
    const std::size_t channel[] = {1, 0, 2};
    for (std::size_t p = 0; p < 3; ++p) {
      for (std::size_t i = 0; i < n; ++i) samples[p * n + i] = picture.rgb[3 * i + channel[p]];
    }
  }
  [[nodiscard]] TilePlanes<Sample> view() {
    const std::ptrdiff_t n = std::ptrdiff_t{h} * w;
    return {{{samples.data(), w}, {samples.data() + n, w}, {samples.data() + 2 * n, w}}};
  }
};
using Planes = PlanesOf<std::uint8_t>;

// A scene at a depth: its eight bits above, noise below, so that all bits are used.
PlanesOf<std::uint16_t> deep_scene(unsigned h, unsigned w, int bits) {
  PlanesOf<std::uint16_t> out(vaerans::test::scene(h, w));
  const PlanesOf<std::uint16_t> noise(vaerans::test::noise_picture(h, w));
  const int below = bits - 8;
  for (std::size_t i = 0; i < out.samples.size(); ++i) {
    out.samples[i] = static_cast<std::uint16_t>(out.samples[i] << below | noise.samples[i] >> (8 - below));
  }
  return out;
}

ByteBuffer stream_of(const TileBuffers& buffers) {
  ByteBuffer out;
  buffers.decisions.write(out);
  return out;
}

constexpr std::pair<unsigned, unsigned> kSizes[] = {{1, 1}, {1, 2}, {1, 37},  {29, 1},
                                                    {2, 3}, {3, 5}, {17, 33}, {40, 21}};

class TileCoderOf : public testing::TestWithParam<PixelModel> {};
INSTANTIATE_TEST_SUITE_P(Models, TileCoderOf, testing::Values(PixelModel::balanced, PixelModel::dense));

TEST_P(TileCoderOf, EveryTargetWritesTheStreamOfTheTwin) {
  for (const auto& [h, w] : kSizes) {
    for (const int max_error : {0, 1, 5}) {
      Planes source(vaerans::test::scene(h, w));
      TileShape shape{source.w, source.h, max_error};
      shape.model = GetParam();
      TileBuffers buffers;
      if (max_error > 0) ref::quantize_tile(source.view(), {}, shape, buffers);
      ASSERT_TRUE(ref::encode_tile(source.view(), {}, shape, buffers));
      const auto expected = stream_of(buffers);
      test::for_each_target([&] {
        Planes again(vaerans::test::scene(h, w));
        if (max_error > 0) quantize_tile(again.view(), {}, shape, buffers);
        EXPECT_EQ(again.samples, source.samples);
        ASSERT_TRUE(encode_tile(again.view(), {}, shape, buffers));
        EXPECT_EQ(stream_of(buffers), expected);
        Planes back(vaerans::test::flat(h, w));
        DecisionDecoder decoder(expected);
        decode_tile(back.view(), {}, shape, buffers, decoder);
        EXPECT_EQ(decoder.finish(), Status::ok);
        EXPECT_EQ(back.samples, source.samples);
      });
    }
  }
}

TEST(TileCoder, DeepSamplesOnEveryTarget) {
  for (const auto& [h, w] : kSizes) {
    for (const int bits : {9, 12, 13, 16}) {
      for (const int max_error : {0, 1, 60}) {
        for (const int planes : {1, 3}) {
          auto source = deep_scene(h, w, bits);
          const TileShape shape{source.w, source.h, max_error, planes, bits};
          TileBuffers buffers;
          if (max_error > 0) ref::quantize_tile(source.view(), {}, shape, buffers);
          ASSERT_TRUE(ref::encode_tile(source.view(), {}, shape, buffers));
          const auto expected = stream_of(buffers);
          test::for_each_target([&] {
            auto again = deep_scene(h, w, bits);
            if (max_error > 0) quantize_tile(again.view(), {}, shape, buffers);
            EXPECT_EQ(again.samples, source.samples);
            ASSERT_TRUE(encode_tile(again.view(), {}, shape, buffers));
            EXPECT_EQ(stream_of(buffers), expected);
            PlanesOf<std::uint16_t> back(vaerans::test::flat(h, w));
            DecisionDecoder decoder(expected);
            decode_tile(back.view(), {}, shape, buffers, decoder);
            EXPECT_EQ(decoder.finish(), Status::ok);
            const auto used = static_cast<std::ptrdiff_t>(planes) * source.h * source.w;
            EXPECT_TRUE(std::equal(source.samples.begin(), source.samples.begin() + used, back.samples.begin()));
          });
        }
      }
    }
  }
}

TEST(TileCoder, DeepSamplesMoveByNoMoreThanAllowed) {
  for (const int max_error : {1, 7, kMostError}) {
    const auto source = deep_scene(24, 31, 16);
    auto moved = source;
    TileBuffers buffers;
    quantize_tile(moved.view(), {}, {moved.w, moved.h, max_error, 3, 16}, buffers);
    int worst = 0;
    for (std::size_t i = 0; i < source.samples.size(); ++i)
      worst = std::max(worst, std::abs(int{source.samples[i]} - moved.samples[i]));
    EXPECT_EQ(worst, max_error);
  }
}

// On every instruction set the encoder gives what the twin gives.
template <typename Source>
void expect_streams_of_the_twin(Source& source, const TileShape& shape) {
  TileBuffers buffers;
  ASSERT_TRUE(ref::encode_tile(source.view(), {}, shape, buffers));
  const auto expected = stream_of(buffers);
  test::for_each_target([&] {
    ASSERT_TRUE(encode_tile(source.view(), {}, shape, buffers));
    EXPECT_EQ(stream_of(buffers), expected);
  });
}

// Extremes next to each other: what 32-bit arithmetic must hold.
TEST(TileCoder, DeepExtremes) {
  PlanesOf<std::uint16_t> source(vaerans::test::noise_picture(40, 41));
  constexpr std::uint16_t kExtremes[] = {65535, 0, 32768};
  for (auto& v : source.samples) v = kExtremes[v % 3];
  const TileShape shape{source.w, source.h, 0, 3, 16};
  expect_streams_of_the_twin(source, shape);
}

// The largest sums that least squares can meet: black and white in columns, in a chessboard, and at random.
TEST(TileCoder, DenseExtremes) {
  Planes source(vaerans::test::noise_picture(60, 61));
  const auto plane = source.samples.size() / 3;
  for (std::size_t i = 0; i < source.samples.size(); ++i) {
    const std::size_t x = i % plane % 61, y = i % plane / 61, pattern = i / plane;
    const std::size_t numbers[] = {x, x + y, source.samples[i]};
    source.samples[i] = numbers[pattern] % 2 == 0 ? 255 : 0;
  }
  TileShape shape{source.w, source.h};
  shape.model = PixelModel::dense;
  expect_streams_of_the_twin(source, shape);
}

TEST(TileCoder, TheTwinDecodesItsOwn) {
  for (const auto& picture :
       {vaerans::test::noise_picture(15, 22), vaerans::test::marks(30, 30), vaerans::test::flat(9, 9)}) {
    Planes source(picture);
    const TileShape shape{source.w, source.h, 0};
    TileBuffers buffers;
    ASSERT_TRUE(ref::encode_tile(source.view(), {}, shape, buffers));
    const auto stream = stream_of(buffers);
    Planes back(vaerans::test::flat(picture.h, picture.w));
    DecisionDecoder decoder(stream);
    ref::decode_tile(back.view(), {}, shape, buffers, decoder);
    EXPECT_EQ(decoder.finish(), Status::ok);
    EXPECT_EQ(back.samples, source.samples);
  }
}

TEST(TileCoder, NoErrorIsLargerThanAllowed) {
  for (const int max_error : {1, 2, 3, 7, 40, kMostError}) {
    for (const auto& picture :
         {vaerans::test::noise_picture(24, 31), vaerans::test::scene(24, 31), vaerans::test::marks(24, 31)}) {
      const Planes source(picture);
      Planes moved(picture);
      TileBuffers buffers;
      quantize_tile(moved.view(), {}, {moved.w, moved.h, max_error}, buffers);
      int worst = 0;
      for (std::size_t i = 0; i < source.samples.size(); ++i) {
        worst = std::max(worst, std::abs(int{source.samples[i]} - moved.samples[i]));
      }
      EXPECT_LE(worst, max_error);
      EXPECT_GT(worst, 0) << "that error is used";
    }
  }
}

TEST(TileCoder, SamplesOffTheGridAreRefused) {
  Planes source(vaerans::test::noise_picture(16, 16));
  TileBuffers buffers;
  EXPECT_FALSE(encode_tile(source.view(), {}, {16, 16, 3}, buffers));
}

TEST(TileCoder, ModesOfPlanes) {
  const auto modes = [](const vaerans::test::SyntheticPicture& picture) {
    Planes planes(picture);
    return choose_modes(planes.view(), {planes.w, planes.h});
  };
  using enum PlaneMode;
  EXPECT_EQ(modes(vaerans::test::scene(8, 8)), (PlaneModes{coded, coded, coded}));
  EXPECT_EQ(modes(vaerans::test::grey_scene(8, 8)), (PlaneModes{coded, copy, copy}));
  EXPECT_EQ(modes(vaerans::test::flat(8, 8)), (PlaneModes{constant, constant, constant}));
}

TEST(TileCoder, AStreamThatEndsEarlyStops) {
  Planes source(vaerans::test::scene(64, 64));
  TileBuffers buffers;
  ASSERT_TRUE(encode_tile(source.view(), {}, {64, 64, 0}, buffers));
  const auto stream = stream_of(buffers);
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, stream.size() / 2, stream.size() - 4}) {
    DecisionDecoder decoder{std::span(stream).first(size)};
    decode_tile(source.view(), {}, {64, 64, 0}, buffers, decoder);
    EXPECT_EQ(decoder.finish(), Status::truncated) << size;
  }
}

}  // namespace
}  // namespace vaerans::kernels
