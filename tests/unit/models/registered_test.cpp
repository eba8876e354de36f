// Models that live in the process: any class that implements ModelHalf.
#include "vaerans/model_backend.hpp"

#include <atomic>
#include <limits>
#include <thread>

#include "fixture.hpp"
#include "vaerans/api.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans {
namespace {

/// An encoder that takes every second sample of each colour, or the decoder that repeats it.
class Halving final : public ModelHalf {
 public:
  explicit Halving(bool decoder, std::int64_t batch = -1)
      : input_{"in", {batch, 3, -1, -1}}, output_{"out", {batch, 3, -1, -1}}, decoder_(decoder) {}
  [[nodiscard]] const PlanesPort& input() const noexcept override { return input_; }
  [[nodiscard]] const PlanesPort& output() const noexcept override { return output_; }
  [[nodiscard]] const std::string& label() const noexcept override { return label_; }
  [[nodiscard]] std::string note() const override { return "halves"; }

  mutable std::atomic<int> runs = 0;
  mutable std::atomic<bool> had_memory = false;
  float add = 0;

 private:
  void compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
               const std::shared_ptr<void>& memory) const override {
    ++runs;
    had_memory = memory != nullptr;
    const std::uint64_t h = out_shape[2], w = out_shape[3], in_w = in_shape[3];
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::uint64_t plane = i / (h * w), y = i / w % h, x = i % w;
      const std::uint64_t from_y = decoder_ ? y / 2 : 2 * y, from_x = decoder_ ? x / 2 : 2 * x;
      out[i] = in[(plane * in_shape[2] + from_y) * in_w + from_x] + add;
    }
  }
  PlanesPort input_, output_;
  std::string label_ = "halving";
  bool decoder_;
};

ModelInfo info_of(const std::string& name) {
  ModelInfo info;
  info.name = name;
  info.latent_channels = 3;
  info.factor = 2;
  return info;
}

class Backend : public ::testing::Test {
 protected:
  void TearDown() override { unregister_model("halving"); }
  std::vector<std::uint8_t> rgb_ = picture_of_blocks();

  /// 12 × 20: every 2 × 2 block has one colour, so that halving loses nothing.
  static std::vector<std::uint8_t> picture_of_blocks() {
    std::vector<std::uint8_t> rgb;
    for (int y = 0; y < 12; ++y) {
      for (int x = 0; x < 20; ++x) {
        for (int c = 0; c < 3; ++c) rgb.push_back(static_cast<std::uint8_t>(y / 2 * 37 + x / 2 * 11 + c * 50));
      }
    }
    return rgb;
  }
  [[nodiscard]] ImageView view() const { return {rgb_.data(), 12, 20, 3, 0}; }
};

TEST_F(Backend, FilesByItsName) {
  const auto encoder = std::make_shared<Halving>(false), decoder = std::make_shared<Halving>(true);
  const ModelInfo info = register_model(info_of("halving"), encoder, decoder);
  EXPECT_EQ(info.hash.size(), 64U);
  EXPECT_EQ(info.default_recipe, "vae(halving) | cdf53(levels=4) | quantize(step=1.0) | ans") << "3 channels";
  EXPECT_EQ(find_model("halving").hash, info.hash);
  CompressOptions options;
  options.model = "halving";
  options.step = 0.001;
  const Bytes file = compress(view(), options);
  const Image image = decompress(file);
  EXPECT_EQ(image.rgb, rgb_);
  EXPECT_EQ(encoder->runs, 1);
  EXPECT_TRUE(encoder->had_memory) << "views may be kept";
  EXPECT_TRUE(unregister_model("halving"));
  EXPECT_FALSE(unregister_model("halving"));
  EXPECT_ERROR(decompress(file), ErrorCode::model_not_found, "no model 'halving'");
  EXPECT_ERROR(decompress(file), ErrorCode::model_not_found, "registered under its name");
  ModelInfo other = info_of("halving");
  other.scaling = 2;
  register_model(other, encoder, decoder);
  EXPECT_ERROR(decompress(file), ErrorCode::model_mismatch, info.hash.substr(0, 16));
  EXPECT_ERROR(decompress(file), ErrorCode::model_mismatch, "model 'halving', which this process registered (its hash");
}

TEST_F(Backend, BatchesAndSinglePictures) {
  for (const bool single : {false, true}) {
    const auto encoder = std::make_shared<Halving>(false, single ? 1 : -1);
    register_model(info_of("halving"), encoder, nullptr);
    World world(1 << 20);
    std::vector<EntityId> ids(4);
    for (EntityId& e : ids) e = world.spawn_image(view());
    Trace trace;
    Context context;
    context.trace = &trace;
    VAEEncodeOptions options;
    options.model = "halving";
    (void)Pipeline(OnnxVAEEncode(options)).run(world, ids, context);
    EXPECT_EQ(encoder->runs, single ? 4 : 1);
    EXPECT_EQ(trace.records().at(0).notes, std::vector<std::string>{"halves"});
    EXPECT_ERROR(Pipe(world, ids).select("Latent4").to(OnnxVAEDecode({})), ErrorCode::model_invalid,
                 "registered without a decoder");
    unregister_model("halving");
  }
}

TEST_F(Backend, VerifyRunsIt) {
  register_model(info_of("halving"), std::make_shared<Halving>(false), std::make_shared<Halving>(true));
  const ModelReport report = verify_model("halving");
  EXPECT_TRUE(report.passed());
  EXPECT_GT(report.psnr_db, 25);
  bool listed = false;
  for (const ModelInfo& info : list_models()) listed = listed || info.name == "halving";
  EXPECT_TRUE(listed);
  EXPECT_ERROR(add_model("halving"), ErrorCode::model_invalid, "has no files to copy");
}

TEST_F(Backend, ShapesAndNumbersAreChecked) {
  auto encoder = std::make_shared<Halving>(false);
  encoder->add = std::numeric_limits<float>::infinity();
  ModelInfo info = info_of("halving");
  register_model(info, encoder, nullptr);
  World world(1 << 20);
  const EntityId e = world.spawn_image(view());
  VAEEncodeOptions options;
  options.model = "halving";
  EXPECT_ERROR(Pipe(world, {e}).to(OnnxVAEEncode(options)), ErrorCode::non_finite, "model 'halving'");
  unregister_model("halving");
  info.latent_channels = 4;
  register_model(info, encoder, nullptr);
  EXPECT_ERROR(Pipe(world, {e}).to(OnnxVAEEncode(options)), ErrorCode::model_invalid,
               "halving: the output is out (?, 3, ?, ?), but (1, 4, 6, 10) is expected");
}

TEST_F(Backend, WhatIsRefused) {
  const auto half = std::make_shared<Halving>(false);
  const auto refuse = [&](auto change, const char* says) {
    ModelInfo info = info_of("halving");
    change(info);
    EXPECT_ERROR(register_model(info, half, half), ErrorCode::invalid_argument, says);
  };
  refuse([](ModelInfo& i) { i.name = "../x"; }, "a name is made of");
  refuse([](ModelInfo& i) { i.latent_channels = 0; }, "channels are 1 to 1024");
  refuse([](ModelInfo& i) { i.factor = 65; }, "factor is 1 to 64");
  refuse([](ModelInfo& i) { i.pixel_high = -1; }, "pixel range");
  refuse([](ModelInfo& i) { i.scaling = 0; }, "scaling is not 0");
  refuse([](ModelInfo& i) { i.latent_std = std::numeric_limits<double>::quiet_NaN(); }, "latent_std");
  refuse([](ModelInfo& i) { i.encoder_kind = "mode"; }, "mean or moments");
  refuse([](ModelInfo& i) { i.hash = "12"; }, "64 hexadecimal digits");
  EXPECT_ERROR(register_model(info_of("halving"), nullptr, nullptr), ErrorCode::invalid_argument, "neither");
  register_model(info_of("halving"), half, half);
  EXPECT_ERROR(register_model(info_of("halving"), half, half), ErrorCode::exists, "registered already");
}

TEST_F(Backend, ManyThreadsShareOne) {
  register_model(info_of("halving"), std::make_shared<Halving>(false), std::make_shared<Halving>(true));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      CompressOptions options;
      options.model = "halving";
      options.step = 0.001;
      for (int k = 0; k < 5; ++k) {
        const Image image = decompress(compress(view(), options));
        EXPECT_EQ(image.rgb, rgb_);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace vaerans
