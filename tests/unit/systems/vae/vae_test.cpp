// The VAE's two systems on tiny models whose results can be computed by hand: latent channels 0…2 are means of 8 × 8
// blocks, and decoding paints the blocks in these means (tests/make_models.py).
#include "vaerans/systems/vae.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include "fixture.hpp"
#include "onnx/session.hpp"
#include "systems/vae/common.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

using test::model_data;
using test::picture;

std::string folder_of(const char* model) { return (model_data() / model).string(); }

SystemPtr encoder_named(const std::string& model) {
  VAEEncodeOptions options;
  options.model = model;
  return OnnxVAEEncode(options);
}
SystemPtr decoder_named(const std::string& model) {
  VAEDecodeOptions options;
  options.model = model;
  return OnnxVAEDecode(options);
}
SystemPtr encoder(const char* model) { return encoder_named(folder_of(model)); }
SystemPtr decoder(const char* model) { return decoder_named(folder_of(model)); }

class Vae : public ::testing::Test {
 protected:
  EntityId spawn(std::uint64_t height, std::uint64_t width, unsigned seed = 0) {
    const auto rgb = picture(height, width, seed);
    return world_.spawn_image({rgb.data(), height, width, 3, 0});
  }
  RunResult run(const SystemPtr& system, std::vector<EntityId> entities, const char* from, Context context = {}) {
    context.trace = &trace_;
    return Scheduler::run(world_, system, entities, from, {}, context);
  }
  std::span<const float> latent(EntityId entity) {
    return world_.arena().view<float>(world_.get(entity, "Latent4").data);
  }
  std::span<const std::uint8_t> pixels(EntityId entity, const char* key = "ReconRGB") {
    return world_.arena().view<std::uint8_t>(world_.get(entity, key).data);
  }
  double value(std::size_t side_info, const std::string& name) const {
    const TraceRecord record = trace_.records().at(side_info);
    for (const auto& [key, number] : record.values) {
      if (key == name) return number;
    }
    return -1;
  }
  /// Mean of a block of a plane with repeated edges, 0…255.
  double block_mean(EntityId entity, std::uint64_t by, std::uint64_t bx, std::uint64_t channel) {
    const Shape shape = world_.get(entity, "RGB").spec.shape;
    const auto rgb = pixels(entity, "RGB");
    double sum = 0;
    for (std::uint64_t y = 8 * by; y < 8 * by + 8; ++y) {
      for (std::uint64_t x = 8 * bx; x < 8 * bx + 8; ++x) {
        sum += rgb[(std::min(y, shape[0] - 1) * shape[1] + std::min(x, shape[1] - 1)) * 3 + channel];
      }
    }
    return sum / 64;
  }

  World world_{64U << 20};
  Trace trace_;
};

struct Size {
  std::uint64_t height, width;
};
class VaeSizes : public Vae, public ::testing::WithParamInterface<Size> {};

TEST_P(VaeSizes, PadsByTheEdgeAndCrops) {
  const auto [height, width] = GetParam();
  const EntityId e = spawn(height, width);
  const auto encode = encoder("tiny-mean");
  run(encode, {e}, "RGB");
  const std::uint64_t h = (height + 7) / 8, w = (width + 7) / 8;
  EXPECT_EQ(world_.get(e, "Latent4").spec.shape, (Shape{4, h, w}));
  for (std::uint64_t c = 0; c < 3; ++c) {
    for (std::uint64_t y = 0; y < h; ++y) {
      for (std::uint64_t x = 0; x < w; ++x) {
        EXPECT_NEAR(latent(e)[(c * h + y) * w + x], block_mean(e, y, x, c) / 127.5 - 1, 1e-5);
      }
    }
  }
  run(encode->inverse(), {e}, "Latent4");
  EXPECT_EQ(world_.get(e, "ReconRGB").spec.shape, (Shape{height, width, 3}));
  EXPECT_EQ(world_.get(e, "ReconRGB").trail, nullptr);
  // Channel 3 adds a pattern of some hundredths of the range.
  for (std::uint64_t i = 0; i < height * width; ++i) {
    EXPECT_NEAR(pixels(e)[3 * i], block_mean(e, i / width / 8, i % width / 8, 0), 6);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, VaeSizes,
                         ::testing::Values(Size{1, 1}, Size{7, 9}, Size{8, 8}, Size{16, 24}, Size{33, 5}, Size{50, 67}),
                         [](const auto& info) {
                           return std::to_string(info.param.height) + "x" + std::to_string(info.param.width);
                         });

TEST_F(Vae, BatchesEqualOneAtATime) {
  std::vector<EntityId> entities;
  for (unsigned i = 0; i < 5; ++i) entities.push_back(spawn(19, 30, i));
  for (unsigned i = 0; i < 3; ++i) entities.push_back(spawn(30, 19, i));
  const auto encode = encoder("tiny-mean");
  run(encode, entities, "RGB");
  run(encode->inverse(), entities, "Latent4");
  ASSERT_EQ(trace_.size(), 4U) << "two shapes, two steps";
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(value(i, "session_runs"), 1);
  EXPECT_EQ(value(0, "batch"), 5);
  for (const EntityId e : entities) {
    const std::vector<float> together(latent(e).begin(), latent(e).end());
    const std::vector<std::uint8_t> decoded(pixels(e).begin(), pixels(e).end());
    run(encode, {e}, "RGB");
    for (std::size_t i = 0; i < together.size(); ++i) EXPECT_NEAR(latent(e)[i], together[i], 1e-4);
    run(encode->inverse(), {e}, "Latent4");
    for (std::size_t i = 0; i < decoded.size(); ++i) EXPECT_NEAR(pixels(e)[i], decoded[i], 1);
  }
}

TEST_F(Vae, LimitSplitsBatches) {
  std::vector<EntityId> entities;
  for (unsigned i = 0; i < 5; ++i) entities.push_back(spawn(16, 16, i));
  Context context;
  context.limits.max_batch = 2;
  const auto encode = encoder("tiny-mean");
  run(encode, entities, "RGB", context);
  run(encode->inverse(), entities, "Latent4", context);
  EXPECT_EQ(value(0, "session_runs"), 3);
  EXPECT_EQ(value(1, "session_runs"), 3);
  EXPECT_NEAR(latent(entities[4])[0], block_mean(entities[4], 0, 0, 0) / 127.5 - 1, 1e-5);
}

TEST_F(Vae, GraphsOfFixedSize) {
  const auto encode = encoder("tiny-fixed");
  const EntityId a = spawn(16, 24), b = spawn(15, 23), other = spawn(16, 32);
  run(encode, {a, b}, "RGB");
  run(encode->inverse(), {a, b}, "Latent4");
  EXPECT_EQ(world_.get(b, "ReconRGB").spec.shape, (Shape{15, 23, 3}));
  EXPECT_ERROR(run(encode, {other}, "RGB"), ErrorCode::model_invalid, "(1, 3, 16, 24), which does not take");
}

TEST_F(Vae, MomentsGiveTheirMeanScaled) {
  const EntityId e = spawn(16, 16);
  const auto encode = encoder("tiny-moments");
  run(encode, {e}, "RGB");
  EXPECT_NEAR(latent(e)[0], (block_mean(e, 0, 0, 0) / 255 - 0.25) * 0.5, 1e-5);
  run(encode->inverse(), {e}, "Latent4");
  EXPECT_NEAR(pixels(e)[0], block_mean(e, 0, 0, 0), 6);
}

TEST_F(Vae, SamplesAreSeededByEntity) {
  const EntityId a = spawn(64, 64), b = spawn(64, 64);
  run(encoder("tiny-moments"), {a}, "RGB");
  const std::vector<float> mean(latent(a).begin(), latent(a).end());
  const auto draw = OnnxVAEEncode({folder_of("tiny-moments"), "", true, 5});
  run(draw, {a, b}, "RGB");
  const std::vector<float> first(latent(a).begin(), latent(a).end());
  EXPECT_FALSE(std::equal(first.begin(), first.end(), latent(b).begin())) << "two entities draw different numbers";
  run(draw, {a}, "RGB");
  EXPECT_TRUE(std::equal(first.begin(), first.end(), latent(a).begin())) << "alone as in a batch";
  EXPECT_EQ(trace_.records().back().seed, 5U);
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double z = (first[i] - mean[i]) / 0.5 / std::exp(-2.0);  // scaling, standard deviation
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / 256, 0, 0.25);
  EXPECT_NEAR(squares / 256, 1, 0.4);
  EXPECT_ERROR(run(OnnxVAEEncode({folder_of("tiny-mean"), "", true, 0}), {a}, "RGB"), ErrorCode::bad_parameter,
               "sample=true");
}

TEST_F(Vae, DecoderTakesTheModelFromTheLatent) {
  const EntityId a = spawn(16, 16), b = spawn(16, 16), c = spawn(16, 16);
  run(encoder("tiny-mean"), {a, c}, "RGB");
  run(encoder("tiny-moments"), {b}, "RGB");
  const auto decode = decoder_named("");
  EXPECT_EQ(run(decode, {a, b, c}, "Latent4").done.size(), 3U);
  for (const EntityId e : {a, b, c}) EXPECT_NEAR(pixels(e)[0], block_mean(e, 0, 0, 0), 6);
}

TEST_F(Vae, OtherWeightsAreRefused) {
  const EntityId a = spawn(16, 16), b = spawn(16, 16);
  run(encoder("tiny-mean"), {a}, "RGB");
  run(encoder("tiny-moments"), {b}, "RGB");
  const auto decode = decoder("tiny-mean");
  EXPECT_ERROR(run(decode, {b}, "Latent4"), ErrorCode::model_mismatch,
               find_model(folder_of("tiny-mean")).hash.substr(0, 16));
  EXPECT_ERROR(run(decode, {b}, "Latent4"), ErrorCode::model_mismatch,
               find_model(folder_of("tiny-moments")).hash.substr(0, 16));
  Context collect;
  collect.on_error = OnError::collect;
  const RunResult result = run(decode, {a, b}, "Latent4", collect);
  EXPECT_EQ(result.done, std::vector<EntityId>{a});
  ASSERT_EQ(result.failed.size(), 1U);
  EXPECT_EQ(result.failed[0].code, ErrorCode::model_mismatch);
}

TEST_F(Vae, LatentsWithoutAnEncoderGiveTheFullPicture) {
  const std::vector<float> values(4 * 2 * 3, 0.0F);
  const EntityId e = world_.spawn_latent(values, Shape{4, 2, 3});
  run(decoder("tiny-mean"), {e}, "Latent4");
  EXPECT_EQ(world_.get(e, "ReconRGB").spec.shape, (Shape{16, 24, 3}));
  EXPECT_EQ(pixels(e)[0], 128);
  const std::vector<float> more(5 * 2 * 3, 0.0F);
  const EntityId wrong = world_.spawn_latent(more, Shape{5, 2, 3});
  EXPECT_ERROR(run(decoder("tiny-mean"), {wrong}, "Latent4"), ErrorCode::shape, "(4, h, w)");
}

TEST_F(Vae, NonFinitePixelsAreAnError) {
  const std::vector<float> bright(4, 0.5F), dark(4, -0.5F);
  const EntityId good = world_.spawn_latent(bright, Shape{4, 1, 1}), bad = world_.spawn_latent(dark, Shape{4, 1, 1});
  Context collect;
  collect.on_error = OnError::collect;
  const RunResult result = run(decoder("tiny-nan"), {good, bad}, "Latent4", collect);
  EXPECT_EQ(result.done, std::vector<EntityId>{good});
  ASSERT_EQ(result.failed.size(), 1U);
  EXPECT_EQ(result.failed[0].code, ErrorCode::non_finite);
}

TEST_F(Vae, WrongChannelCountInTheCard) {
  const test::TempFolder root;
  test::fs::copy(model_data() / "tiny-mean", root.path() / "m");
  test::replace_in(root.path() / "m" / "model.json", "\"latent_channels\": 4", "\"latent_channels\": 8");
  const EntityId e = spawn(16, 16);
  EXPECT_ERROR(run(encoder_named((root.path() / "m").string()), {e}, "RGB"), ErrorCode::model_invalid,
               "latent (?, 4, ?, ?)");
}

TEST_F(Vae, HalfPrecisionGraphsAreConvertedAtTheBorder) {
  const EntityId e = spawn(19, 30);
  const auto encode = encoder("tiny-half");
  run(encode, {e}, "RGB");
  for (std::uint64_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(latent(e)[c * 12], block_mean(e, 0, 0, c) / 127.5 - 1, 2e-3);
  }
  const std::vector<float> half(latent(e).begin(), latent(e).end());
  run(encoder("tiny-mean"), {e}, "RGB");
  EXPECT_FALSE(std::equal(half.begin(), half.end(), latent(e).begin())) << "the graph did not run in float16";
  run(encode, {e}, "RGB");
  run(encode->inverse(), {e}, "Latent4");
  EXPECT_NEAR(pixels(e)[0], block_mean(e, 0, 0, 0), 6);
}

TEST_F(Vae, OverflowOfHalvesIsReportedWithTheRemedy) {
  const std::vector<float> far(4, 7e4F);
  const EntityId e = world_.spawn_latent(far, Shape{4, 1, 1});
  EXPECT_ERROR(run(decoder("tiny-half"), {e}, "Latent4"), ErrorCode::non_finite, "sdxl-vae-fp16-fix");
}

TEST_F(Vae, Devices) {
  const EntityId e = spawn(16, 16);
  Context context;
  context.device = "cpu";
  run(encoder("tiny-mean"), {e}, "RGB", context);
  context.device = "tpu";
  EXPECT_ERROR(run(encoder("tiny-mean"), {e}, "RGB", context), ErrorCode::invalid_argument, "auto, cpu, cuda");
  run(OnnxVAEEncode({folder_of("tiny-mean"), "CPUExecutionProvider", false, -1}), {e}, "RGB", context);
  if (onnx::has_provider("CUDAExecutionProvider")) GTEST_SKIP() << "this runtime has CUDA";
  context.device = "cuda";
  EXPECT_ERROR(run(encoder("tiny-mean"), {e}, "RGB", context), ErrorCode::runtime_not_found, "onnxruntime-gpu");
  EXPECT_ERROR(
      run(OnnxVAEEncode({folder_of("tiny-mean"), "CUDAExecutionProvider,CPUExecutionProvider", false, -1}), {e}, "RGB"),
      ErrorCode::runtime_not_found, "It has:");
}

TEST_F(Vae, RecipesNameTheModel) {
  EXPECT_EQ(to_string(encoder_named("sdxl-vae")->params().at(0).second), "sdxl-vae");
  EXPECT_EQ(to_string(encoder("tiny-mean")->params().at(0).second), "tiny-mean");
  const auto made = make_system("vae", {{"model", std::string("sdxl-vae")}});
  EXPECT_EQ(made->contract().name, "vae");
  EXPECT_EQ(to_string(made->inverse()->params().at(0).second), "sdxl-vae");
  EXPECT_TRUE(make_system("OnnxVAEDecode")->params().empty());
}

TEST_F(Vae, DescribesFilesWithoutTheModelAndDistrustsThem) {
  const auto encode = encoder_named("no-such-model");
  const Spec rgb{Kind::image, DType::u8, Shape{33, 50, 3}, {}};
  const vae::SideInfo side_info{"0123456789abcdef", 8, 4};
  auto bytes = side_info.serialize();
  Limits limits;
  EXPECT_EQ(encode->describe(rgb, bytes, world_.arena(), limits).shape, (Shape{4, 5, 7}));
  EXPECT_EQ(vae::SideInfo::parse(bytes, limits).hash, side_info.hash);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_ERROR(encode->describe(rgb, std::span(bytes).first(size), world_.arena(), limits), ErrorCode::corrupt_stream,
                 "vae side information");
  }
  limits.max_pixels = 33 * 50 - 1;
  EXPECT_ERROR(encode->describe(rgb, bytes, world_.arena(), limits), ErrorCode::limit_exceeded, "(33, 50, 3)");
  bytes[10] = std::byte{255};
  EXPECT_ERROR(encode->describe(rgb, bytes, world_.arena(), {}), ErrorCode::limit_exceeded, "channels");
  bytes[8] = std::byte{0};
  EXPECT_ERROR(encode->describe(rgb, bytes, world_.arena(), {}), ErrorCode::corrupt_stream, "factor 0");
}

TEST(OnnxSession, OneForAllThreads) {
  const onnx::GraphFile graph{folder_of("tiny-mean") + "/decoder.onnx", "some hash", "", ""};
  const onnx::Execution execution{"cpu", "", 2};
  std::vector<std::shared_ptr<const onnx::Session>> sessions(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    threads.emplace_back([&, i] {
      sessions[i] = onnx::Session::open(graph, execution);
      for (std::uint64_t n = 1; n < 20; ++n) {
        const std::vector<float> in(4 * n, static_cast<float>(n) / 20);
        std::vector<float> out(3 * 64 * n);
        sessions[i]->run(Shape{1, 4, 1, n}, in, Shape{1, 3, 8, 8 * n}, out);
        EXPECT_NEAR(out[0], in[0], 0.1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& session : sessions) EXPECT_EQ(session, sessions[0]);
  EXPECT_EQ(sessions[0]->probe(Shape{2, 4, 3, 5}), (Shape{2, 3, 24, 40}));
}

TEST(OnnxSession, OutputOfAnotherShapeIsRefused) {
  const onnx::GraphFile graph{folder_of("tiny-mean") + "/decoder.onnx", "some hash", "", ""};
  const auto session = onnx::Session::open(graph, {"cpu", "", 1});
  const std::vector<float> in(4);
  std::vector<float> out(3 * 16 * 16, 7.0F);
  EXPECT_ERROR(session->run(Shape{1, 4, 1, 1}, in, Shape{1, 3, 16, 16}, out), ErrorCode::inference, "decoder.onnx");
  EXPECT_EQ(std::count(out.begin(), out.end(), 7.0F), 3 * 16 * 16) << "nothing was written";
  onnx::GraphFile renamed = graph;
  renamed.output = "picture";
  EXPECT_ERROR(onnx::Session::open(renamed, {"cpu", "", 1}), ErrorCode::model_invalid, "it has: sample");
}

}  // namespace
}  // namespace vaerans
