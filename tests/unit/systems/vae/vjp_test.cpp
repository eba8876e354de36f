// Slopes carried back through a decoder whose gradient is known: each latent channel paints one colour of a block.
#include <cmath>

#include "fixture.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/model_backend.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kFactor = 4, kBlock = kFactor * kFactor;

/// Means of blocks, blocks of means, or sums of slopes over blocks.
class Blocks final : public ModelHalf {
 public:
  enum class Part : std::uint8_t { encoder, decoder, gradient };
  explicit Blocks(Part part)
      : part_(part),
        input_{"in", {-1, part == Part::gradient ? std::int64_t{3 + 3 * kBlock} : 3, -1, -1}},
        output_{"out", {-1, 3, -1, -1}} {}
  [[nodiscard]] const PlanesPort& input() const noexcept override { return input_; }
  [[nodiscard]] const PlanesPort& output() const noexcept override { return output_; }
  [[nodiscard]] const std::string& label() const noexcept override { return label_; }

 private:
  void compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
               const std::shared_ptr<void>&) const override {
    const std::uint64_t h = out_shape[2], w = out_shape[3];
    for (std::uint64_t i = 0; i < out.size(); ++i) {
      const std::uint64_t c = i / (h * w), y = i / w % h, x = i % w;
      if (part_ == Part::decoder) out[i] = in[(c * in_shape[2] + y / kFactor) * in_shape[3] + x / kFactor];
      if (part_ != Part::decoder) out[i] = 0;
      for (std::uint64_t k = 0; k < kBlock && part_ == Part::encoder; ++k)
        out[i] += in[(c * in_shape[2] + y * kFactor + k / kFactor) * in_shape[3] + x * kFactor + k % kFactor] / kBlock;
      for (std::uint64_t k = 0; k < kBlock && part_ == Part::gradient; ++k)
        out[i] += in[((3 + c * kBlock + k) * h + y) * w + x];
    }
  }
  Part part_;
  PlanesPort input_, output_;
  std::string label_ = "blocks";
};

class VaeVjp : public ::testing::Test {
 protected:
  void TearDown() override { unregister_model("blocks"); }

  static void register_blocks(bool with_gradient) {
    ModelInfo info;
    info.name = "blocks";
    info.latent_channels = 3;
    info.factor = kFactor;
    info.scaling = 0.5;
    info.shift = 0.25;
    const auto half = [](Blocks::Part part) { return std::make_shared<const Blocks>(part); };
    register_model(info, half(Blocks::Part::encoder), half(Blocks::Part::decoder),
                   with_gradient ? half(Blocks::Part::gradient) : nullptr);
  }

  static constexpr std::uint64_t kHeight = 10, kWidth = 7;  // 3 × 2 blocks, not all of them whole
  World world_;

  const Component& latent() {
    const auto rgb = test::picture(kHeight, kWidth);
    const EntityId entity = world_.spawn_image({rgb.data(), kHeight, kWidth, 3, 0});
    (void)Pipeline(OnnxVAEEncode({.model = "blocks"})).run(world_, {&entity, 1});
    return world_.get(entity, "Latent4");
  }
};

// A latent's sample is 1 / 0.5 network units, of which 2 are 255 grey levels.
TEST_F(VaeVjp, SumsTheSlopesOfEachBlock) {
  register_blocks(true);
  const Component& z = latent();
  ASSERT_EQ(z.spec.shape, (Shape{3, 3, 2}));
  ASSERT_TRUE(z.trail->system->has_vjp());
  std::vector<float> cotangent(kHeight * kWidth * 3), out(18), wanted(18);
  for (std::size_t i = 0; i < cotangent.size(); ++i) {
    cotangent[i] = static_cast<float>(i % 13) - 4;
    const std::size_t y = i / 3 / kWidth, x = i / 3 % kWidth;
    wanted[(i % 3 * 3 + y / kFactor) * 2 + x / kFactor] += cotangent[i] * 255 / 2 / 0.5F;
  }
  z.trail->system->vjp({*z.trail, world_.arena().view<float>(z.data), cotangent, out, {}});
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_FLOAT_EQ(out[i], wanted[i]) << i;
}

TEST_F(VaeVjp, ModelsWithoutAGradientSaySo) {
  register_blocks(false);
  const Component& z = latent();
  EXPECT_FALSE(z.trail->system->has_vjp());
  std::vector<float> cotangent(kHeight * kWidth * 3), out(18);
  EXPECT_ERROR(z.trail->system->vjp({*z.trail, world_.arena().view<float>(z.data), cotangent, out, {}}),
               ErrorCode::contract, "has no slopes");
}

}  // namespace
}  // namespace vaerans
