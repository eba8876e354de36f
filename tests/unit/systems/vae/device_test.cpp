// Latents that stay on the device between vae and vae_decode: by a made-up device that counts, by the CPU in the place
// of one, and by CUDA where there is one.
#include "systems/vae/device.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fixture.hpp"
#include "onnx/session.hpp"
#include "vaerans/model_backend.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans {
namespace {

using test::model_data;
using test::picture;

struct Counts {
  int left = 0, taken = 0, fetched = 0, on_host = 0;
};

class Left final : public DevicePlanes {
 public:
  Left(std::vector<float> values, std::uint64_t items, Counts& counts)
      : values(std::move(values)), items_(items), counts_(counts) {}
  void fetch(std::span<std::byte> to) const override {
    ++counts_.fetched;
    std::ranges::copy(std::as_bytes(std::span(values)), to.begin());
  }
  [[nodiscard]] std::vector<bool> non_finite() const override {
    std::vector<bool> out(items_);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isfinite(values[i])) out[i * items_ / values.size()] = true;
    return out;
  }
  std::vector<float> values;

 private:
  std::uint64_t items_;
  Counts& counts_;
};

/// Both halves do nothing: 3 channels at full size. What the encoder makes can stay "there".
class Passing final : public ModelHalf {
 public:
  explicit Passing(Counts& counts) : counts_(counts) {}
  [[nodiscard]] const PlanesPort& input() const noexcept override { return port_; }
  [[nodiscard]] const PlanesPort& output() const noexcept override { return port_; }
  [[nodiscard]] const std::string& label() const noexcept override { return port_.name; }
  float spoil = 0;  ///< the first value of the last item

 private:
  std::vector<float> made_of(std::span<const float> in, std::uint64_t items) const {
    std::vector<float> out(in.begin(), in.end());
    if (spoil != 0) out[out.size() / items * (items - 1)] = spoil;
    return out;
  }
  void compute(const Shape& shape, std::span<const float> in, const Shape&, std::span<float> out,
               const std::shared_ptr<void>&) const override {
    ++counts_.on_host;
    std::ranges::copy(made_of(in, shape[0]), out.begin());
  }
  [[nodiscard]] std::shared_ptr<const DevicePlanes> compute_to_device(const Shape& shape, std::span<const float> in,
                                                                      const Shape&) const override {
    ++counts_.left;
    return std::make_shared<const Left>(made_of(in, shape[0]), shape[0], counts_);
  }
  [[nodiscard]] bool compute_from_device(const Shape&, const DevicePlanes& in, const Shape&,
                                         std::span<float> out) const override {
    ++counts_.taken;
    std::ranges::copy(dynamic_cast<const Left&>(in).values, out.begin());
    return true;
  }
  Counts& counts_;
  PlanesPort port_{"planes", {-1, 3, -1, -1}};
};

class OnDevice : public ::testing::Test {
 protected:
  void SetUp() override { register_with({}); }
  void TearDown() override { unregister_model("passing"); }

  void register_with(ModelInfo info) {
    unregister_model("passing");
    info.name = "passing";
    info.latent_channels = 3;
    info.factor = 1;
    register_model(info, half_, half_);
  }
  std::vector<EntityId> spawn(unsigned n) {
    std::vector<EntityId> out;
    for (unsigned i = 0; i < n; ++i) {
      const auto rgb = picture(9, 14, i);
      out.push_back(world_.spawn_image({rgb.data(), 9, 14, 3, 0}));
    }
    return out;
  }
  void run(const char* recipe, const std::vector<EntityId>& entities, const char* from, const Context& context = {}) {
    Pipeline::parse(recipe).run_from(world_, entities, from, context);
  }
  std::vector<std::uint8_t> pixels(EntityId entity, const char* key) {
    const auto view = world_.arena().view<std::uint8_t>(world_.get(entity, key).data);
    return {view.begin(), view.end()};
  }

  Counts counts_;
  std::shared_ptr<Passing> half_ = std::make_shared<Passing>(counts_);
  World world_{16U << 20};
};

TEST_F(OnDevice, LatentsStayBetweenTwoStepsOfTheVae) {
  const auto entities = spawn(3);
  run("vae(passing) | vae_decode", entities, "RGB");
  for (const EntityId e : entities) EXPECT_EQ(pixels(e, "ReconRGB"), pixels(e, "RGB"));
  EXPECT_EQ(counts_.left, 1) << "a batch";
  EXPECT_EQ(counts_.taken, 1);
  EXPECT_EQ(counts_.fetched + counts_.on_host, 0);
}

TEST_F(OnDevice, TheHostGetsThemWhenItAsks) {
  const auto entities = spawn(2);
  run("vae(passing)", entities, "RGB");
  EXPECT_EQ(counts_.fetched, 0);
  const auto latent = world_.arena().view<float>(world_.get(entities[1], "Latent4").data);
  EXPECT_EQ(counts_.fetched, 1) << "the batch at once";
  EXPECT_NEAR(latent[0], pixels(entities[1], "RGB")[0] / 127.5 - 1, 1e-6);
  latent[0] = latent[0] > 0 ? -1.0F : 1.0F;  // what the host has written counts
  run("vae_decode", entities, "Latent4");
  EXPECT_EQ(counts_.taken, 0);
  EXPECT_EQ(counts_.on_host, 1);
  EXPECT_EQ(pixels(entities[1], "ReconRGB")[0], latent[0] > 0 ? 255 : 0);
}

TEST_F(OnDevice, OtherStepsBetweenAreTheHost) {
  const auto entities = spawn(2);
  run("vae(passing) | cdf53(levels=1) | cdf53_inverse | vae_decode", entities, "RGB");
  EXPECT_EQ(counts_.fetched, 1);
  EXPECT_EQ(counts_.taken, 0);
  EXPECT_EQ(pixels(entities[0], "ReconRGB"), pixels(entities[0], "RGB"));
}

TEST_F(OnDevice, ABatchOfOthersGoesByTheHost) {
  const auto entities = spawn(3);
  run("vae(passing)", entities, "RGB");
  run("vae_decode", {entities[2], entities[0]}, "Latent4");
  EXPECT_EQ(counts_.taken, 0);
  EXPECT_EQ(pixels(entities[2], "ReconRGB"), pixels(entities[2], "RGB"));
}

TEST_F(OnDevice, ScaledLatentsAreTheHostsWork) {
  ModelInfo info;
  info.scaling = 0.5;
  register_with(info);
  const auto entities = spawn(2);
  run("vae(passing) | vae_decode", entities, "RGB");
  EXPECT_EQ(counts_.left, 0);
  EXPECT_EQ(counts_.on_host, 2);
}

TEST_F(OnDevice, NaNsFailTheirPictureAlone) {
  half_->spoil = std::numeric_limits<float>::quiet_NaN();
  Context context;
  context.on_error = OnError::collect;
  const auto entities = spawn(3);
  const SystemPtr encode = make_system("vae", {{"model", std::string("passing")}});
  const RunResult result = Scheduler::run(world_, encode, entities, "RGB", {}, context);
  ASSERT_EQ(result.failed.size(), 1U);
  EXPECT_EQ(result.failed[0].entity, entities[2]);
  EXPECT_EQ(counts_.fetched, 0);
}

/// A graph of tests/make_models.py on the CPU as if its memory were a device's, or on a device.
std::shared_ptr<const onnx::Session> half(const char* file, const onnx::Execution& execution) {
  return onnx::Session::open({(model_data() / "tiny-mean" / file).string(), "some hash", "", ""}, execution);
}

void expect_the_same_as_on_the_host(const onnx::Execution& execution) {
  const auto encoder = half("encoder.onnx", execution), decoder = half("decoder.onnx", execution);
  const Shape planes{2, 3, 24, 40}, latent{2, 4, 3, 5};
  std::vector<float> in(planes.elements()), latents(latent.elements()), there(latent.elements());
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 97) / 48 - 1;
  encoder->run(planes, in, latent, latents);
  const auto left = encoder->run_to_device(planes, in, latent);
  ASSERT_NE(left, nullptr);
  left->fetch(std::as_writable_bytes(std::span(there)));
  EXPECT_EQ(there, latents);
  EXPECT_EQ(left->non_finite(), (std::vector<bool>{false, false}));

  std::vector<float> expected(in.size()), found(in.size());
  decoder->run(latent, latents, planes, expected);
  ASSERT_TRUE(decoder->run_from_device(latent, *left, planes, found));
  EXPECT_EQ(found, expected);
  EXPECT_FALSE(half("decoder.onnx", {"cpu", "", 1})->run_from_device(latent, *left, planes, found)) << "out of reach";

  in[planes.elements() / 2] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(encoder->run_to_device(planes, in, latent)->non_finite(), (std::vector<bool>{false, true}));
}

TEST(DeviceSession, TheCpuInItsPlace) { expect_the_same_as_on_the_host({"cpu", "", 1, true}); }

TEST(DeviceSession, GivesPagesThatItReadsFastest) {
  const auto session = half("encoder.onnx", {"cpu", "", 1, true});
  const auto memory = session->transfer_memory(3 * 64 * sizeof(float)), other = session->transfer_memory(64);
  ASSERT_NE(memory, nullptr);
  EXPECT_NE(memory, other);
  const std::span<float> planes(static_cast<float*>(memory.get()), 3 * 64);
  std::ranges::fill(planes, 0.5F);
  std::vector<float> latent(4);
  session->run({1, 3, 8, 8}, planes, {1, 4, 1, 1}, latent);
  EXPECT_NEAR(latent[0], 0.5, 1e-6);
}

TEST(DeviceSession, TheCpuHasNone) {
  const std::vector<float> in(3 * 64);
  EXPECT_EQ(half("encoder.onnx", {"cpu", "", 1})->transfer_memory(64), nullptr);
  EXPECT_EQ(half("encoder.onnx", {"cpu", "", 1})->run_to_device({1, 3, 8, 8}, in, {1, 4, 1, 1}), nullptr);
}

TEST(DeviceSession, AnotherShapeIsRefused) {
  const std::vector<float> in(3 * 64);
  EXPECT_ERROR(half("encoder.onnx", {"cpu", "", 1, true})->run_to_device({1, 3, 8, 8}, in, {1, 4, 2, 1}),
               ErrorCode::inference, "it made (1, 4, 1, 1)");
}

TEST(DeviceSession, Cuda) {
  if (!onnx::has_provider("CUDAExecutionProvider")) GTEST_SKIP() << "this ONNX Runtime has no CUDA provider";
  try {
    (void)half("encoder.onnx", {"cuda", "", 1});
  } catch (const Error& error) {
    GTEST_SKIP() << "no CUDA device: " << error.what();
  }
  expect_the_same_as_on_the_host({"cuda", "", 1});
}

}  // namespace
}  // namespace vaerans
