// compress() and decompress() with the tiny model of tests/data, which paints 8 × 8 blocks in their mean colours.
#include "vaerans/api.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

class Api : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { add_model_path(std::string(VAERANS_TEST_DATA) + "/data/models"); }

  static Image picture(std::uint64_t h, std::uint64_t w, unsigned seed) {
    return {h, w, test::picture_bytes(h, w, seed)};
  }
  static CompressOptions tiny() {
    CompressOptions o;
    o.model = "tiny-mean";
    return o;
  }
};

TEST_F(Api, APictureComesBackInItsShape) {
  for (const auto& [h, w] : {std::pair{64U, 48U}, {1U, 1U}, {13U, 71U}}) {
    const Image image = picture(h, w, 1);
    const Image back = decompress(compress(image.view(), tiny()));
    EXPECT_EQ(back.height, h);
    EXPECT_EQ(back.width, w);
    EXPECT_EQ(back.rgb.size(), image.rgb.size());
  }
}

TEST_F(Api, QualityOrdersSizes) {
  const Image image = picture(96, 96, 1);
  std::size_t before = 0;
  for (const double quality : {10.0, 40.0, 70.0, 100.0}) {
    CompressOptions o = tiny();
    o.quality = quality;
    const std::size_t size = compress(image.view(), o).size();
    EXPECT_GT(size, before);
    before = size;
  }
}

TEST_F(Api, TargetsAreMetAndNearlyUsed) {
  const Image image = picture(160, 160, 2);
  CompressOptions o = tiny();
  for (const std::uint64_t target : {400U, 700U, 1000U}) {
    o.target_bytes = target;
    const std::size_t size = compress(image.view(), o).size();
    EXPECT_LE(size, target);
    EXPECT_GE(size, target * 9 / 10);
  }
  o.target_bytes = 20;
  EXPECT_ERROR(invalid_argument, "no step is coarse enough", (void)compress(image.view(), o));
  o.target_bytes.reset();
  o.bpp = 0.25;
  EXPECT_LE(static_cast<double>(compress(image.view(), o).size()) * 8, 0.25 * 160 * 160);
}

TEST_F(Api, LosslessIsBitExact) {
  for (const auto& [h, w] : {std::pair{64U, 48U}, {1U, 1U}, {3U, 200U}, {67U, 35U}}) {
    const Image image = picture(h, w, 3);
    CompressOptions o = tiny();
    o.lossless = true;
    EXPECT_FALSE(file_info(compress(image.view(), o)).has_residual) << "by the pixel coder";
    o.quality = 50;
    const Bytes file = compress(image.view(), o);
    EXPECT_TRUE(file_info(file).lossless);
    EXPECT_EQ(decompress(file).rgb, image.rgb);
  }
}

TEST_F(Api, ResidualStepsTradeSizeForError) {
  const Image image = picture(96, 64, 4);
  CompressOptions o = tiny();
  double psnr = INFINITY;
  std::size_t size = SIZE_MAX;
  for (const std::int64_t step : {2, 8, 32}) {
    o.residual_step = step;
    const Bytes file = compress(image.view(), o);
    const double now = measure(image.view(), decompress(file).view()).psnr;
    EXPECT_LT(file.size(), size);
    EXPECT_LT(now, psnr);
    EXPECT_FALSE(file_info(file).lossless);
    psnr = now;
    size = file.size();
  }
  EXPECT_GT(psnr, 20);
}

TEST_F(Api, ManyPicturesOneCallForEachShape) {
  std::vector<Image> images;
  for (unsigned i = 0; i < 8; ++i) images.push_back(picture(i % 2 == 0 ? 40 : 56, 64, i));
  std::vector<ImageView> views;
  for (const auto& image : images) views.push_back(image.view());
  Trace trace;
  Context context;
  context.trace = &trace;
  const auto files = compress(views, tiny(), context);
  std::vector<std::span<const std::uint8_t>> spans(files.begin(), files.end());
  const auto back = decompress(spans, context);
  int encodes = 0;
  int decodes = 0;
  for (const auto& side_info : trace.records()) {
    encodes += side_info.system.starts_with("vae(");
    decodes += side_info.system.starts_with("vae_decode");
  }
  EXPECT_EQ(encodes, 2);
  EXPECT_EQ(decodes, 2);
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(files[i], compress(images[i].view(), tiny())) << "a batch and a single picture give the same file";
    EXPECT_EQ(back[i].rgb, decompress(files[i]).rgb);
  }
}

TEST_F(Api, BadPicturesAndFilesLeaveTheOthersAlone) {
  const Image image = picture(32, 32, 1);
  ImageView grey = image.view();
  grey.channels = 1;
  const ImageView views[] = {image.view(), grey, image.view()};
  Context context;
  context.on_error = OnError::collect;
  std::vector<Failure> failures;
  const auto files = compress(views, tiny(), context, &failures);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].entity, 1U);
  EXPECT_EQ(failures[0].code, ErrorCode::image_unsupported);
  EXPECT_TRUE(files[1].empty());
  failures.clear();
  const Bytes junk{1, 2, 3};
  const std::span<const std::uint8_t> spans[] = {files[0], junk, files[2]};
  const auto back = decompress(spans, context, &failures);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].entity, 1U);
  EXPECT_EQ(back[0].rgb, back[2].rgb);
  EXPECT_FALSE(back[2].rgb.empty());
}

TEST_F(Api, DecodedEntitiesSayUnderWhichKey) {
  World world(64 << 20);
  const EntityId picture_file = read_file(world, compress(picture(32, 32, 1).view(), tiny()));
  EXPECT_EQ(decode_entities(world, {&picture_file, 1}).key, "ReconRGB");
  const std::vector<float> values(4 * 8 * 8, 0.5F);
  const EntityId source = world.spawn_latent(values, {4, 8, 8});
  (void)Pipeline::parse("hadamard4 | cdf53 | quantize(step=0.5) | ans").run(world, {&source, 1});
  const EntityId latent_file = read_file(world, write_file(world, source));
  EXPECT_EQ(decode_entities(world, {&latent_file, 1}).key, "Latent4");
}

// A base picture that comes out differently must be noticed, not silently "corrected".
TEST_F(Api, ADifferentBaseIsNoticed) {
  World world(64 << 20);
  const Image image = picture(32, 32, 1);
  CompressOptions o = tiny();
  o.residual_step = 1;
  const EntityId e = read_file(world, compress(image.view(), o));
  auto digests = world.arena().view<std::uint8_t>(world.get(e, "FileDigests").data);
  digests[0] = static_cast<std::uint8_t>(digests[0] ^ 1U);
  EXPECT_ERROR(base_mismatch, "differs from the encoder's", (void)decode_entities(world, {&e, 1}));
}

// A network may round differently elsewhere: that is told. Integers may not: that is an error.
TEST_F(Api, AnotherPictureThanTheDigestsIsToldOrRefused) {
  const Image image = picture(32, 32, 1);
  const auto decoded_with_another_digest = [&](CompressOptions o) {
    World world(64 << 20);
    o.digest = true;
    const EntityId e = read_file(world, compress(image.view(), o));
    auto digests = world.arena().view<std::uint8_t>(world.get(e, "FileDigests").data);
    digests[0] = static_cast<std::uint8_t>(digests[0] ^ 1U);
    (void)decode_entities(world, {&e, 1});
    return world.metadata(e)[std::string(digest_matches_key)];
  };
  EXPECT_EQ(decoded_with_another_digest(tiny()), 0);
  CompressOptions wavelet;
  wavelet.recipe = "ycocg | cdf97 | quantize_bands | ans(coder=mixing)";
  EXPECT_ERROR(base_mismatch, "the same pixels everywhere", (void)decoded_with_another_digest(wavelet));
}

TEST_F(Api, CustomRecipes) {
  const Image image = picture(64, 64, 1);
  CompressOptions o = tiny();
  o.recipe = "vae(tiny-mean) | haar(levels=2) | quantize_u8 | ans";
  EXPECT_EQ(file_info(compress(image.view(), o)).recipe,
            "vae(tiny-mean) | haar(levels=2) | quantize_u8(per_band=true) | ans");
  o.bpp = 1;
  EXPECT_ERROR(contract, "need a quantize(step=", (void)compress(image.view(), o));
  o.bpp.reset();
  o.recipe = "vae(tiny-mean) | quantize(step=0.125) | ans";
  EXPECT_NE(file_info(compress(image.view(), o)).recipe.find("step=0.125"), std::string::npos) << "kept as it is";
  o.quality = 60;
  EXPECT_EQ(file_info(compress(image.view(), o)).recipe.find("step=0.125"), std::string::npos) << "replaced";
}

TEST_F(Api, OptionsAreChecked) {
  const Image image = picture(16, 16, 1);
  const auto with = [&](auto change) {
    CompressOptions o = tiny();
    change(o);
    (void)compress(image.view(), o);
  };
  EXPECT_ERROR(bad_parameter, "one of quality", with([](auto& o) { o.quality = 50, o.bpp = 1; }));
  EXPECT_ERROR(bad_parameter, "quality is 1 to 100", with([](auto& o) { o.quality = 0; }));
  EXPECT_ERROR(bad_parameter, "quality is 1 to 100", with([](auto& o) { o.quality = NAN; }));
  EXPECT_ERROR(bad_parameter, "bpp is above 0", with([](auto& o) { o.bpp = -1; }));
  EXPECT_ERROR(bad_parameter, "residual", with([](auto& o) { o.bpp = 1, o.lossless = true; }));
  EXPECT_ERROR(model_not_found, "no-such-model", with([](auto& o) { o.model = "no-such-model"; }));
}

TEST_F(Api, LatentFilesAndPictureFilesAreToldApart) {
  const Latent latent{Shape{4, 3, 5}, test::noise(60, 1)};
  const Bytes file = compress_latent(latent, "cdf53(levels=1) | quantize(step=0.1) | ans");
  EXPECT_ERROR(contract, "decompress_latent", (void)decompress(file));
  const Image image = picture(16, 16, 1);
  EXPECT_ERROR(contract, "use decompress", (void)decompress_latent(compress(image.view(), tiny())));
}

}  // namespace
}  // namespace vaerans
