#include "format/padding.hpp"

#include <gtest/gtest.h>

#include "format/container.hpp"

namespace vaerans {
namespace {

const Limits kUsual;

Spec grey(std::uint64_t side) { return {Kind::image, DType::u8, Shape{side, side, 1}, {}}; }

TEST(Padding, IsForMoreThanSixteenMegapixelsOfFewBytes) {
  EXPECT_EQ(padding_for(Limits::free_pixels, 1), 0);
  EXPECT_EQ(padding_for(Limits::free_pixels + 4096 * 99, 60), 40);
  EXPECT_EQ(padding_for(Limits::free_pixels + 4096 * 99, 100), 0);
  EXPECT_EQ(padding_for(std::uint64_t{1} << 40, 60), 0) << "more than a reader takes anyway";
}

TEST(Padding, MakesFilesThatReadersTake) {
  const ByteBuffer content(10);
  const Chunk chunk{.name = "mine", .content = content};
  const auto file = write_frame(grey(8000), {&chunk, 1});
  EXPECT_TRUE(kUsual.allow_expansion(64'000'000, file.size()));
  EXPECT_LT(file.size(), kUsual.least_file_bytes(64'000'000) + 40);
  const Frame frame = intact_frame(std::as_bytes(std::span(file)), kUsual);
  ASSERT_EQ(frame.chunks.size(), 2);
  EXPECT_TRUE(is_padding(frame.chunks[1]));
  EXPECT_FALSE(frame.chunks[1].needed);
  EXPECT_NO_THROW((void)source_of(frame.header, kUsual, file.size()));
}

TEST(Padding, IsMadeAnewWithTheFile) {
  const ByteBuffer content(10), larger(std::size_t{1} << 20);
  const Chunk chunk{.name = "mine", .content = content};
  const auto file = write_frame(grey(8000), {&chunk, 1});
  Frame frame = intact_frame(std::as_bytes(std::span(file)), kUsual);
  EXPECT_EQ(write_frame(grey(8000), frame.chunks), file);
  frame.chunks.push_back({.name = "large", .content = larger});
  const auto grown = write_frame(grey(8000), frame.chunks);
  EXPECT_EQ(intact_frame(std::as_bytes(std::span(grown)), kUsual).chunks.size(), 2) << "no padding any more";
}

TEST(Padding, SmallPicturesHaveNone) {
  const ByteBuffer content(10);
  const Chunk chunk{.name = "mine", .content = content};
  const auto file = write_frame(grey(4096), {&chunk, 1});
  EXPECT_EQ(intact_frame(std::as_bytes(std::span(file)), kUsual).chunks.size(), 1);
}

}  // namespace
}  // namespace vaerans
