#include "format/container.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/checksum.hpp"
#include "expect_error.hpp"
#include "format/layout.hpp"
#include "random_data.hpp"
#include "reseal.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

constexpr const char* kChain = "hadamard4 | cdf53(levels=3) | quantize(step=0.25) | ans";

Latent small_latent() { return {Shape{4, 6, 7}, test::noise(4 * 6 * 7, 1)}; }
Bytes small_file() { return compress_latent(small_latent(), kChain); }

TEST(Container, AFileAloneGivesTheLatentBack) {
  const Latent back = decompress_latent(small_file());
  EXPECT_EQ(back.shape, (Shape{4, 6, 7}));
  const auto before = small_latent().values;
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(back.values[i], before[i], 0.8);
}

TEST(Container, InfoTellsEverything) {
  const Bytes file = small_file();
  const FileInfo info = file_info(file);
  EXPECT_EQ(info.recipe, kChain);
  EXPECT_EQ(info.source_key, "Latent4");
  EXPECT_EQ(info.source_shape, (std::vector<std::uint64_t>{4, 6, 7}));
  EXPECT_EQ(info.model, "");
  std::uint64_t sum = 0;
  for (const auto& part : info.parts) sum += part.bytes;
  EXPECT_EQ(sum, file.size());
  EXPECT_EQ(info.version, 1U);
  EXPECT_EQ(info.sample_type, "f32");
  ASSERT_EQ(info.chunks.size(), 2U);
  EXPECT_EQ(info.chunks[0].name, "header");
  EXPECT_EQ(info.chunks[1].name, "base");
  EXPECT_EQ(info.chunks[1].offset, info.chunks[0].bytes);
  EXPECT_EQ(info.chunks[0].bytes + info.chunks[1].bytes, file.size());
}

TEST(Container, InfoTellsWhatStepsSayOfTheirSideInformation) {
  const FileInfo info = file_info(small_file());
  ASSERT_EQ(info.details.size(), 1U);
  EXPECT_EQ(info.details[0].step, "ans");
  EXPECT_EQ(info.details[0].name, "coder");
  EXPECT_EQ(info.details[0].text, "static");
}

// Both streams, digests and the promise: what was written is what is read, and is written as the same bytes again.
TEST(Container, LayersAreTakenApartAndPutTogether) {
  const auto payload = std::as_bytes(std::span("abc"));
  const SystemPtr ans = make_system("ans");
  StoredFile file;
  file.source = {Kind::image, DType::u8, Shape{2, 5, 3}, {}};
  file.base = {{{ans, payload.first(1)}}, payload.first(2)};
  file.residual = StoredStream{{{ans, payload.first(2)}}, payload.first(3)};
  file.lossless = true;
  file.base_digest = digest_of(payload.first(1));
  file.source_digest = digest_of(payload.first(2));
  const Bytes bytes = write_container(file);
  const StoredFile back = parse_container(std::as_bytes(std::span(bytes)), {});
  EXPECT_EQ(back.source.shape, file.source.shape);
  EXPECT_EQ(back.base_digest, file.base_digest);
  EXPECT_EQ(back.source_digest, file.source_digest);
  EXPECT_TRUE(back.lossless);
  ASSERT_TRUE(back.residual.has_value());
  EXPECT_TRUE(std::ranges::equal(back.residual->payload, payload.first(3)));
  EXPECT_TRUE(std::ranges::equal(back.residual->steps.at(0).side_info, payload.first(2)));
  EXPECT_EQ(write_container(back), bytes);
  file.residual.reset();
  const Bytes digest_alone = write_container(file);
  EXPECT_EQ(write_container(parse_container(std::as_bytes(std::span(digest_alone)), {})), digest_alone);
}

StoredFile small_picture(std::span<const std::byte> payload, DType dtype, std::uint64_t channels) {
  StoredFile file;
  file.source = {Kind::image, dtype, Shape{2, 5, channels}, {}};
  file.base = {{{make_system("ans"), payload.first(1)}}, payload.first(2)};
  return file;
}

TEST(Container, PicturesHaveOneOrThreeChannelsOfEightOrSixteenBits) {
  const auto payload = std::as_bytes(std::span("abc"));
  for (const DType dtype : {DType::u8, DType::u16}) {
    for (const std::uint64_t channels : {1U, 3U}) {
      const Bytes bytes = write_container(small_picture(payload, dtype, channels));
      const StoredFile back = parse_container(std::as_bytes(std::span(bytes)), {});
      EXPECT_EQ(back.source.dtype, dtype);
      EXPECT_EQ(back.source.shape, (Shape{2, 5, channels}));
      EXPECT_EQ(file_info(bytes).sample_type, dtype_name(dtype));
    }
  }
  EXPECT_ERROR(contract, "not image", (void)write_container(small_picture(payload, DType::u8, 4)));
  EXPECT_ERROR(contract, "not image", (void)write_container(small_picture(payload, DType::f32, 3)));
}

TEST(Container, AlphaIsAPlaneOfItsOwn) {
  const auto payload = std::as_bytes(std::span("abc"));
  StoredFile file = small_picture(payload, DType::u16, 3);
  file.alpha = StoredStream{{{make_system("ans"), payload.first(2)}}, payload.first(3)};
  const Bytes bytes = write_container(file);
  const StoredFile back = parse_container(std::as_bytes(std::span(bytes)), {});
  ASSERT_TRUE(back.alpha.has_value());
  EXPECT_TRUE(std::ranges::equal(back.alpha->payload, payload.first(3)));
  const Spec source = alpha_source(back.source);
  EXPECT_EQ(source.shape, (Shape{2, 5, 1}));
  EXPECT_EQ(source.dtype, DType::u16);
  EXPECT_TRUE(file_info(bytes).has_alpha);
  EXPECT_FALSE(file_info(write_container(small_picture(payload, DType::u8, 3))).has_alpha);
}

// What a reader may skip it carries: chunks with names, and those of later versions.
TEST(Container, OptionalChunksAreCarried) {
  const auto payload = std::as_bytes(std::span("abc"));
  StoredFile file = small_picture(payload, DType::u8, 3);
  file.others = {{.number = 40, .content = payload.first(1)},
                 {.number = 0, .name = "depth", .content = payload.first(2)},
                 make_chunk(layout::ChunkNumber::icc, payload.first(3))};
  const Bytes bytes = write_container(file);
  const FileInfo info = file_info(bytes);
  std::vector<std::string> names;
  std::uint64_t chunks = 0, parts = 0;
  for (const auto& chunk : info.chunks) names.push_back(chunk.name), chunks += chunk.bytes;
  for (const auto& part : info.parts) parts += part.bytes;
  EXPECT_EQ(names, (std::vector<std::string>{"header", "icc", "base", "chunk 40", "depth"}));
  EXPECT_EQ(chunks, bytes.size());
  EXPECT_EQ(parts, bytes.size());
  EXPECT_EQ(write_container(parse_container(std::as_bytes(std::span(bytes)), {})), bytes);
}

TEST(Container, StepsThatDoNotFitEachOtherAreRefused) {
  StoredFile file;
  const std::byte none[1] = {};
  file.source = {Kind::image, DType::u8, Shape{2, 5, 3}, {}};
  file.base = {{{make_system("hadamard4"), {}}, {make_system("ans"), {}}}, none};
  World world(1 << 20);
  EXPECT_ERROR(corrupt_stream, "do not fit: hadamard4 needs planes, but the pipe stands on 'RGB', which is image",
               (void)read_file(world, write_container(file)));
}

TEST(Container, EveryTruncationIsAnError) {
  const Bytes file = small_file();
  for (std::size_t n = 0; n < file.size(); ++n) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_ERROR(corrupt_stream, "", (void)decompress_latent(cut));
  }
}

TEST(Container, EveryFlippedBitIsAnError) {
  const Bytes file = small_file();
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes broken = file;
    broken[bit / 8] = static_cast<std::uint8_t>(broken[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_THROW((void)decompress_latent(broken), Error) << bit;
  }
}

// With a valid checksum, parsers and decoders see the damage: they may accept it or throw a typed error, nothing else.
TEST(Container, MendedDamageNeverCrashes) {
  const Bytes file = small_file();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const unsigned value : {0U, 1U, 0x7FU, 0x80U, 0xFFU, file[at] ^ 0x10U}) {
      Bytes broken = file;
      broken[at] = static_cast<std::uint8_t>(value);
      test::reseal(broken);
      try {
        (void)decompress_latent(broken);
      } catch (const Error&) {
      }
    }
  }
}

TEST(Container, ForeignFilesAreToldApart) {
  const auto bytes = [](std::string_view text) { return Bytes(text.begin(), text.end()); };
  EXPECT_ERROR(corrupt_stream, "empty", (void)file_info(Bytes{}));
  EXPECT_ERROR(corrupt_stream, "not a .vrs file", (void)file_info(bytes("Hello, this is a text file.")));
  EXPECT_ERROR(corrupt_stream, "the data end too early", (void)file_info(bytes("\xf6VRS")));
  Bytes newer = small_file();
  newer[4] = 2;
  EXPECT_ERROR(unsupported_version, "version 2, this build reads version 1", (void)file_info(newer));
}

TEST(Container, UnknownSystemsAreNamed) {
  World world(1 << 20);
  Bytes file = small_file();
  const std::size_t at = file_info(file).chunks.at(1).offset + 4;  // behind type, length and number of steps
  ASSERT_EQ(file[at], 3) << "hadamard4, the first step";
  file[at] = 0x70;
  test::reseal(file);
  EXPECT_ERROR(unknown_system, "112", (void)read_file(world, file));
  EXPECT_TRUE(world.entities().empty()) << "nothing is left behind";
}

TEST(Container, LimitsHoldBeforeMemoryIsTaken) {
  Limits limits;
  limits.max_pixels = 41;
  EXPECT_ERROR(limit_exceeded, "41 pixels", (void)file_info(small_file(), limits));
  limits = {};
  limits.max_channels = 3;
  EXPECT_ERROR(limit_exceeded, "a channel count of 4 is over the limit of 3", (void)file_info(small_file(), limits));
}

TEST(Container, WritesBitstreamsOnly) {
  World world(1 << 20);
  const EntityId e = world.spawn_latent(test::noise(64, 1), {4, 4, 4});
  EXPECT_ERROR(contract, "not made by a chain", (void)write_file(world, e, "Latent4"));
  Pipe(world, {e}).to(make_system("hadamard4"));
  EXPECT_ERROR(contract, "only a bitstream", (void)write_file(world, e, "YUVW4"));
}

TEST(Container, SameInputSameBytes) { EXPECT_EQ(small_file(), small_file()); }

}  // namespace
}  // namespace vaerans
