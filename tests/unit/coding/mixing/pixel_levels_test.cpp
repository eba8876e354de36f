#include "coding/mixing/pixel_levels.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"

namespace vaerans {
namespace {

std::vector<std::uint16_t> stretched(std::size_t n, unsigned factor) {
  std::vector<std::uint16_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint16_t>(i * 31 % 256 * factor);
  return out;
}

PixelLevels read(const ByteBuffer& bytes) {
  ByteReader in(bytes, "levels");
  PixelLevels out = read_levels(in);
  in.expect_end();
  return out;
}

ByteBuffer written(const PixelLevels& levels) {
  ByteWriter out;
  write_levels(levels, out);
  return out.take();
}

TEST(PixelLevels, FewValuesBecomeRanks) {
  const auto samples = stretched(20000, 257);
  const auto levels = choose_levels(samples);
  ASSERT_EQ(levels.size(), 256U);
  EXPECT_EQ(levels[3], 771);
  std::vector<std::uint16_t> ranks(samples.size());
  to_ranks(levels, samples, ranks);
  EXPECT_EQ(bits_of(ranks), 9);
  ASSERT_TRUE(to_samples(levels, ranks));
  EXPECT_EQ(ranks, samples);
  EXPECT_EQ(read(written(levels)), levels);
}

TEST(PixelLevels, ManyValuesOrFewSamplesStandForThemselves) {
  EXPECT_TRUE(choose_levels(stretched(20000, 1)).empty()) << "all values up to 255";
  EXPECT_TRUE(choose_levels(stretched(100, 257)).empty()) << "the list would take more";
}

TEST(PixelLevels, BitsOfSamples) {
  for (const auto& [most, bits] : {std::pair{0, 9}, {511, 9}, {512, 10}, {4095, 12}, {65535, 16}}) {
    const auto sample = static_cast<std::uint16_t>(most);
    EXPECT_EQ(bits_of({&sample, 1}), bits);
  }
}

TEST(PixelLevels, EndsOfTheRange) {
  const PixelLevels ends{0, 65535};
  EXPECT_EQ(read(written(ends)), ends);
}

TEST(PixelLevels, DamagedLists) {
  const auto bytes = [](std::initializer_list<unsigned> list) {
    ByteBuffer out;
    for (const unsigned b : list) out.push_back(static_cast<std::byte>(b));
    return out;
  };
  EXPECT_ERROR(corrupt_stream, "no number", (void)read(bytes({0})));
  EXPECT_ERROR(corrupt_stream, "too early", (void)read(bytes({2, 5})));
  EXPECT_ERROR(corrupt_stream, "more than 16 bits", (void)read(bytes({1, 0x80, 0x80, 4})));
  EXPECT_ERROR(corrupt_stream, "more than 16 bits", (void)read(bytes({2, 0xFF, 0xFF, 3, 0})));
  std::vector<std::uint16_t> rank{1};
  EXPECT_FALSE(to_samples({7}, rank));
}

}  // namespace
}  // namespace vaerans
