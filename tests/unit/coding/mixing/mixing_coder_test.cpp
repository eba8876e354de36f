// coder=mixing on its own: tiles, and damage of every part. Whole pictures: tests/integration/pixel_files_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/bytes.hpp"
#include "coding/coder.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "expect_error.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans {
namespace {

TEST(MixingCoder, SidesAreCutIntoEqualParts) {
  const TilePlan plan;
  for (const std::uint64_t side : {1U, 2U, 511U, 768U, 769U, 1024U, 1279U, 1280U, 5000U, 100000U}) {
    const auto tiles = tiles_of(side, 3, plan);
    std::uint64_t at = 0;
    for (const TileArea& tile : tiles) {
      EXPECT_EQ(tile.top, at);
      EXPECT_GE(tile.height, 1);
      EXPECT_LE(tile.height, kernels::kMostTileSide);
      at += static_cast<std::uint64_t>(tile.height);
    }
    EXPECT_EQ(at, side);
  }
  EXPECT_EQ(tiles_of(768, 512, plan).size(), 1U);
  EXPECT_EQ(tiles_of(4000, 6000, plan).size(), 8U * 12U);
}

TEST(PixelTiles, LargePicturesAreCutSmallerSoThatAPartIsSoonThere) {
  EXPECT_EQ(TilePlan::side_log_for(8191, 8192), 9U);
  EXPECT_EQ(TilePlan::side_log_for(8192, 8192), 8U);
  const TilePlan plan{.side_log = TilePlan::side_log_for(10'000, 10'000)};
  const auto tiles = tiles_of(10'000, 10'000, plan);
  // A part of 256 × 256 meets four tiles at most, each of a 1500th of the picture.
  EXPECT_EQ(tiles.size(), 39U * 39U);
  EXPECT_TRUE(std::ranges::all_of(tiles, [](const TileArea& tile) { return tile.height >= 256 && tile.width >= 256; }));
}

/// What the coder alone makes of planes of 24 × 20 samples.
struct Coding {
  std::vector<Subband> subbands;
  ByteBuffer side_info, payload;
  kernels::PixelModel model = kernels::PixelModel::balanced;
  std::vector<std::uint8_t> samples = std::vector<std::uint8_t>(3 * 24 * 20);

  explicit Coding(ModelChoice choice = ModelChoice::balanced) {
    const auto picture = test::scene(24, 20);
    for (std::uint32_t c = 0; c < 3; ++c) {
      subbands.push_back({.channel = c, .offset = std::uint64_t{c} * 480, .h = 24, .w = 20});
      for (std::size_t i = 0; i < 480; ++i) samples[c * 480 + i] = picture.rgb[3 * i + c];
    }
    // The dense model does not make less of so small a scene; it does of pixels taken for planes.
    if (choice != ModelChoice::balanced) samples = picture.rgb;
    side_info = {choice == ModelChoice::balanced ? std::byte{1} : std::byte{5}, std::byte{0}, std::byte{9}};
    TilePlan plan;
    plan.choice = choice;
    kernels::TileBuffers buffers;
    ByteBuffer tile;
    model = encode_tile<std::uint8_t>({samples, 24, 20}, tiles_of(24, 20, plan)[0], plan, buffers, tile);
    ByteWriter out;
    out.varint(tile.size());
    out.raw(tile);
    payload = out.take();
  }
  [[nodiscard]] Pyramid pyramid() const {
    Pyramid out;
    out.subbands = subbands;
    return out;
  }
  [[nodiscard]] std::vector<std::uint8_t> decoded() const {
    std::vector<std::uint8_t> out(samples.size());
    mixing_coder().decode(side_info, payload, pyramid(), {}, std::span(out));
    return out;
  }
};

TEST(MixingCoder, DamagedSideInformation) {
  const Coding good;
  ASSERT_EQ(good.decoded(), good.samples);
  for (const auto& [bytes, words] : std::map<std::vector<int>, const char*>{{{}, "too early"},
                                                                            {{1, 0}, "too early"},
                                                                            {{2, 0, 9}, "left over"},
                                                                            {{2}, "ans payload (mixing, bands)"},
                                                                            {{6}, "ans payload (mixing, bands)"},
                                                                            {{6, 0}, "left over"},
                                                                            {{8, 0, 9}, "size of tiles"},
                                                                            {{8}, "too early"},
                                                                            {{9, 8}, "ans payload (mixing, bands)"},
                                                                            {{9, 8, 0}, "left over"},
                                                                            {{10, 0, 9}, "kind of symbols"},
                                                                            {{7, 0}, "too early"},
                                                                            {{7, 0, 5}, "size of tiles"},
                                                                            {{7, 1, 9}, "largest error"},
                                                                            {{7, 0, 9, 0}, "left over"},
                                                                            {{4}, "too early"},
                                                                            {{4, 5}, "size of tiles"},
                                                                            {{4, 12}, "size of tiles"},
                                                                            {{4, 11, 0}, "left over"},
                                                                            {{3, 0, 9, 16}, "another depth"},
                                                                            {{1, 101, 9}, "largest error"},
                                                                            {{1, 0, 5}, "size of tiles"},
                                                                            {{1, 0, 10}, "size of tiles"},
                                                                            {{1, 0, 9, 0}, "left over"}}) {
    Coding bad;
    bad.side_info.clear();
    for (const int b : bytes) bad.side_info.push_back(static_cast<std::byte>(b));
    EXPECT_ERROR(corrupt_stream, words, (void)bad.decoded());
  }
}

TEST(MixingCoder, DamagedPayloads) {
  const Coding good;
  for (std::size_t size = 0; size < good.payload.size(); size += 1 + size / 9) {
    Coding bad;
    bad.payload.resize(size);
    EXPECT_ERROR(corrupt_stream, "ans payload (mixing)", (void)bad.decoded());
  }
  Coding longer;
  longer.payload.push_back(std::byte{0});
  EXPECT_ERROR(corrupt_stream, "left over", (void)longer.decoded());
  Coding mode;
  mode.payload[2] = std::byte{0x40};
  EXPECT_ERROR(corrupt_stream, "unknown modes", (void)mode.decoded());
  mode.payload[2] = std::byte{0x80};
  mode.side_info[1] = std::byte{1};
  EXPECT_ERROR(corrupt_stream, "unknown modes", (void)mode.decoded());
  mode.side_info[1] = std::byte{0};
  mode.payload[2] = std::byte{0x02};
  EXPECT_ERROR(corrupt_stream, "first plane as a copy", (void)mode.decoded());
  mode.payload[2] = std::byte{0x15};  // three constants, and then the bytes of a stream
  EXPECT_ERROR(corrupt_stream, "left over", (void)mode.decoded());
}

TEST(MixingCoder, DenseTiles) {
  const Coding dense(ModelChoice::dense), smallest(ModelChoice::smallest);
  EXPECT_EQ(dense.decoded(), dense.samples);
  EXPECT_EQ(smallest.payload, dense.payload) << "so small a tile is tried both ways";
  ASSERT_EQ(dense.model, kernels::PixelModel::dense);
  EXPECT_EQ(dense.payload[2], std::byte{0x80});
  Coding bad(ModelChoice::dense);
  bad.side_info[0] = std::byte{1};
  EXPECT_ERROR(corrupt_stream, "unknown modes", (void)bad.decoded());
  bad.side_info[0] = std::byte{5};
  bad.payload[2] = std::byte{0};  // what is dense, read as balanced
  EXPECT_ERROR(corrupt_stream, "ans payload (mixing)", (void)bad.decoded());
  bad.payload[2] = std::byte{0x95};  // three constants
  EXPECT_ERROR(corrupt_stream, "nothing that it codes", (void)bad.decoded());
}

// Where it does not, tiles are as at a lower effort; what is constant needs no model.
TEST(MixingCoder, DenseOnlyWhereThatIsSmaller) {
  for (const auto& samples : {Coding().samples, std::vector<std::uint8_t>(3 * 24 * 20, 7)}) {
    std::vector<ByteBuffer> tiles;
    for (const ModelChoice choice : {ModelChoice::balanced, ModelChoice::dense, ModelChoice::smallest}) {
      TilePlan plan;
      plan.choice = choice;
      kernels::TileBuffers buffers;
      const PixelPlanes<const std::uint8_t> planes{samples, 24, 20};
      EXPECT_EQ(encode_tile(planes, tiles_of(24, 20, plan)[0], plan, buffers, tiles.emplace_back()),
                kernels::PixelModel::balanced);
    }
    EXPECT_EQ(tiles[1], tiles[0]);
    EXPECT_EQ(tiles[2], tiles[0]);
  }
}

class FlippedBits : public testing::TestWithParam<ModelChoice> {};
INSTANTIATE_TEST_SUITE_P(Models, FlippedBits, testing::Values(ModelChoice::balanced, ModelChoice::dense));

TEST_P(FlippedBits, AreNeverTakenForTheSamePicture) {
  const Coding good(GetParam());
  for (std::size_t i = 3; i < good.payload.size(); i += 7) {
    Coding bad(GetParam());
    bad.payload[i] ^= std::byte{0x10};
    try {
      EXPECT_NE(bad.decoded(), good.samples) << i;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt_stream) << error.what();
    }
  }
}

TEST(MixingCoder, OtherSymbolsAreNotForIt) {
  const Coding good;
  Coded out;
  EXPECT_FALSE(mixing_coder().encode(std::span<const std::uint8_t>(good.samples), good.pyramid(), out))
      << "no trail, so nothing says that these are pixels";
  std::vector<std::uint16_t> wide(good.samples.size());
  EXPECT_ERROR(corrupt_stream, "another depth",
               mixing_coder().decode(good.side_info, good.payload, good.pyramid(), {}, std::span(wide)));
}

}  // namespace
}  // namespace vaerans
