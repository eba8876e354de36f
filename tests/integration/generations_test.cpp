// Files of several generations of a model, in one process and in one batch.
#include "generations.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/vae.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

using test::write_generation;

/// Two generations of "twin", and a picture that blocks of 8 describe exactly, coded with each.
class Generations : public test::OwnModels {
 protected:
  Generations() {
    write_generation(root_.path() / "twin", "twin", "1", 1);
    old_ = coded();
    test::fs::create_directories(root_.path() / "released");
    test::fs::rename(root_.path() / "twin", root_.path() / "released/twin@1");
    test::fs::remove(root_.path() / "released/twin@1/encoder.onnx");
    write_generation(root_.path() / "twin", "twin", "2", 4);
    new_ = coded();
  }

  [[nodiscard]] Bytes coded(bool digest = true) const {
    CompressOptions options;
    options.model = "twin";
    options.recipe = "vae(twin) | cdf53(levels=1) | quantize(step=0.01) | ans";
    options.digest = digest;
    return compress({rgb_.data(), 16, 24, 3, 0}, options);
  }
  void expect_picture(const Image& image) const {
    ASSERT_EQ(image.rgb.size(), rgb_.size());
    for (std::size_t i = 0; i < rgb_.size(); ++i) ASSERT_NEAR(image.rgb[i], rgb_[i], 3) << i;
    EXPECT_EQ(image.digest_matches, true);
  }

  static std::vector<std::uint8_t> blocks() {
    std::vector<std::uint8_t> rgb;
    for (unsigned y = 0; y < 16; ++y) {
      for (unsigned x = 0; x < 24; ++x) {
        for (unsigned c = 0; c < 3; ++c)
          rgb.push_back(static_cast<std::uint8_t>(20 + y / 8 * 90 + x / 8 * 40 + c * 25));
      }
    }
    return rgb;
  }

  std::vector<std::uint8_t> rgb_ = blocks();
  Bytes old_, new_;
};

TEST_F(Generations, EachFileIsDecodedByItsOwn) {
  EXPECT_NE(file_info(old_).model_hash, file_info(new_).model_hash);
  EXPECT_EQ(file_info(old_).model, "twin");
  expect_picture(decompress(old_));
  expect_picture(decompress(new_));
  expect_picture(decompress(old_));
}

TEST_F(Generations, OneBatchMixesThem) {
  const std::vector<std::span<const std::uint8_t>> files{old_, new_, new_, old_};
  for (const Image& image : decompress(files)) expect_picture(image);
}

TEST_F(Generations, AMissingOneCostsNoOther) {
  test::fs::remove_all(root_.path() / "released");
  const std::vector<std::span<const std::uint8_t>> files{old_, new_, old_};
  Context collect;
  collect.on_error = OnError::collect;
  std::vector<Failure> failures;
  expect_picture(decompress(files, collect, &failures)[1]);
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].code, ErrorCode::model_mismatch);
  EXPECT_NE(failures[0].message.find("vaerans models fetch " + file_info(old_).model_hash), std::string::npos);
  test::fs::remove_all(root_.path() / "twin");
  EXPECT_ERROR(decompress(old_), ErrorCode::model_not_found, "vaerans models fetch " + file_info(old_).model_hash);
}

TEST_F(Generations, TheNameIsEnoughForADecoderByHand) {
  World world(1 << 22);
  const EntityId a = read_file(world, old_), b = read_file(world, new_);
  const Pipeline chain =
      Pipeline(ANSDecode()) | Dequantize() | WaveletCDF53Inverse() | OnnxVAEDecode({.model = "twin"});
  for (const EntityId e : {a, b}) {
    (void)chain.run_from(world, {&e, 1}, "Bitstream");
    EXPECT_NEAR(world.arena().view<std::uint8_t>(world.get(e, "ReconRGB").data)[0], rgb_[0], 3);
  }
}

TEST_F(Generations, RecipesNameOneByItsHash) {
  const std::string hash = file_info(new_).model_hash;
  CompressOptions options;
  options.recipe = "vae(twin@" + hash + ") | cdf53(levels=1) | quantize(step=0.01) | ans";
  const Bytes file = compress({rgb_.data(), 16, 24, 3, 0}, options);
  EXPECT_EQ(file_info(file).model, "twin") << "files hold the name";
  EXPECT_EQ(file_info(file).recipe, file_info(new_).recipe);
  options.recipe = "vae(twin@" + file_info(old_).model_hash + ") | cdf53(levels=1) | quantize(step=0.01) | ans";
  EXPECT_ERROR(compress({rgb_.data(), 16, 24, 3, 0}, options), ErrorCode::model_invalid, "it decodes only");
}

}  // namespace
}  // namespace vaerans
