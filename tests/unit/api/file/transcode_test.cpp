// Old files by a new generation of their model.
#include "vaerans/transcode.hpp"

#include "format/container.hpp"
#include "generations.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

using test::TempFolder;
using test::Variable;
using test::write_generation;

constexpr std::uint64_t height = 24, width = 40;

class Transcode : public ::testing::Test {
 protected:
  /// A file by the first generation; the second is then the one that has the name.
  template <typename Set>
  Bytes old_file(Set set) {
    write_generation(root_.path() / "twin", "twin", "1", 2);
    CompressOptions options;
    options.model = "twin";
    options.quality = 70;
    set(options);
    Bytes file = compress({rgba_.data(), height, width, alpha_ ? 4U : 3U, 0}, options);
    test::fs::create_directories(root_.path() / "released");
    test::fs::rename(root_.path() / "twin", root_.path() / "released/old");
    write_generation(root_.path() / "twin", "twin", "2", 8);
    return file;
  }
  static std::string hash_of_new() { return find_model("twin").hash.substr(0, 16); }
  static Transcoded made(const Bytes& file, bool lossy = false) { return transcode(file, {"twin", lossy, {}}); }

  /// The file with a chunk that nobody here knows.
  static Bytes with_unknown_chunk(const Bytes& file) {
    const auto content = std::as_bytes(std::span("depth", 5));
    Frame frame = scan_frame(std::as_bytes(std::span(file)), {});
    Chunk chunk;
    chunk.name = "org.example.depth";
    chunk.content = content;
    frame.chunks.push_back(chunk);
    return write_frame(source_of(frame.header, {}, file.size()), frame.chunks);
  }
  static bool has_unknown_chunk(const Bytes& file) {
    const auto chunks = file_info(file).chunks;
    return std::any_of(chunks.begin(), chunks.end(), [](const auto& one) { return one.name == "org.example.depth"; });
  }

  bool alpha_ = false;
  std::vector<std::uint8_t> rgba_ = test::picture(height, width * 2);
  TempFolder root_, home_;
  Variable model_path_{"VAERANS_MODEL_PATH", root_.path().c_str()};
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", (home_.path() / "hub").c_str()};
};

TEST_F(Transcode, ExactFilesStayExactWithAllTheyHold) {
  alpha_ = true;
  const Bytes before = with_unknown_chunk(old_file([](CompressOptions& o) {
    o.lossless = true;
    o.metadata = {{{1, 2, 3}, {'I', 'I', 42, 0}, {'<', 'x', '>'}}};
  }));
  ASSERT_TRUE(file_info(before).lossless && file_info(before).has_alpha);
  const Transcoded after = made(before);
  EXPECT_EQ(after.how, Transcoding::lossless);
  EXPECT_EQ(file_info(after.file).model_hash, hash_of_new());
  EXPECT_TRUE(file_info(after.file).lossless);
  EXPECT_EQ(decompress(after.file).rgb, decompress(before).rgb);
  EXPECT_EQ(decompress(after.file).channels, 4U);
  EXPECT_EQ(file_metadata(after.file), file_metadata(before));
  EXPECT_TRUE(has_unknown_chunk(after.file));
  verify_file(after.file);
  test::fs::remove_all(root_.path() / "released");
  EXPECT_EQ(decompress(after.file).channels, 4U) << "the old decoder is not needed any more";
}

TEST_F(Transcode, LossyOnlyOnRequest) {
  const Bytes before = with_unknown_chunk(old_file([](CompressOptions& o) {
    o.digest = true;
    o.metadata = {{{1, 2, 3}, {}, {}}};
  }));
  EXPECT_ERROR(made(before), ErrorCode::bad_parameter, "--lossy");
  const Transcoded after = made(before, true);
  EXPECT_EQ(after.how, Transcoding::lossy);
  const FileInfo info = file_info(after.file), old = file_info(before);
  EXPECT_EQ(info.model_hash, hash_of_new());
  EXPECT_FALSE(info.base_hash.empty()) << "it had a digest, and so has this one";
  EXPECT_EQ(file_metadata(after.file), file_metadata(before));
  EXPECT_FALSE(has_unknown_chunk(after.file)) << "it may have said something of the old pixels";
  // Latents of the new one spread four times as far, so that its step is four times as large at the same quality.
  const auto step = [](const FileInfo& i) { return std::stod(i.recipe.substr(i.recipe.find("step=") + 5)); };
  EXPECT_NEAR(step(info) / step(old), 4, 1e-3);
  EXPECT_NE(transcode(before, {"twin", true, 20}).file.size(), after.file.size());
}

TEST_F(Transcode, WhatNeedsNoOtherModelIsKept) {
  const Bytes before = old_file([](CompressOptions&) {});
  CompressOptions pixels;
  pixels.lossless = true;
  CompressOptions newest;
  newest.model = "twin";
  for (const CompressOptions& options : {pixels, newest}) {
    const Bytes file = compress({rgba_.data(), height, width, 3, 0}, options);
    EXPECT_EQ(made(file).how, Transcoding::kept);
    EXPECT_EQ(made(file).file, file);
  }
  EXPECT_EQ(transcode(before, {"twin@" + file_info(before).model_hash, false, {}}).how, Transcoding::kept);
  EXPECT_ERROR(transcode(before, {"nonesuch", true, {}}), ErrorCode::model_not_found, "nonesuch");
}

TEST_F(Transcode, ACoarserResidualIsALoss) {
  const Bytes before = old_file([](CompressOptions& o) { o.residual_step = 4; });
  EXPECT_ERROR(made(before), ErrorCode::bad_parameter, "bit by bit");
  const Transcoded after = made(before, true);
  EXPECT_EQ(after.how, Transcoding::lossy);
  EXPECT_EQ(file_info(after.file).residual_recipe, file_info(before).residual_recipe);
}

TEST_F(Transcode, BytesThatNobodyWrote) {
  const Bytes before = old_file([](CompressOptions&) {});
  EXPECT_ERROR(transcode(std::span(before).first(20)), ErrorCode::corrupt_stream, "cut short");
}

TEST(Transcodings, HaveNames) {
  EXPECT_EQ(transcoding_name(Transcoding::kept), "kept");
  EXPECT_EQ(transcoding_name(Transcoding::lossless), "lossless");
  EXPECT_EQ(transcoding_name(Transcoding::lossy), "lossy");
}

}  // namespace
}  // namespace vaerans
