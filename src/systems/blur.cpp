#include "vaerans/systems/blur.hpp"

#include "base/parallel.hpp"
#include "kernels/blur/blur.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

class Blur final : public SystemBase {
 public:
  explicit Blur(const Params& params)
      : SystemBase({.name = "blur",
                    .role = Role::filter,
                    .inputs = {{Kind::image, ""}},
                    .outputs = {{Kind::image, "BlurRGB"}}},
                   params),
        sigma_(params.number("sigma")) {
    if (!(sigma_ > 0 && sigma_ <= 100)) {
      throw Error(ErrorCode::bad_parameter,
                  "blur: sigma is above 0 and at most 100 pixels, not " + std::to_string(sigma_));
    }
  }

  void run(Group& group) const override {
    const Shape& shape = group.spec().shape;
    const unsigned threads = thread_count(group.context().threads);
    const std::size_t room = kernels::blur_image_scratch_size(shape[0], shape[1], sigma_);
    const TensorRef scratch = group.world().scratch("blur", Shape{threads, room}, DType::f32);
    const auto in = group.view<std::uint8_t>(group.batch());
    const auto out = group.view<std::uint8_t>(group.output(group.spec()));
    const auto work = group.view<float>(scratch);
    const std::size_t item = shape.elements();
    const std::size_t row = shape[1] * shape[2];
    parallel_for(threads, group.size(), [&](std::size_t i, std::size_t slot) {
      const kernels::ImageView source{in.data() + i * item, shape[0], shape[1], shape[2], row};
      const kernels::MutableImageView target{out.data() + i * item, shape[0], shape[1], shape[2], row};
      require_ok(kernels::gaussian_blur(source, target, sigma_, work.subspan(slot * room, room)), "blur");
    });
  }

 private:
  double sigma_;
};

}  // namespace

void register_blur() {
  register_system({"blur",
                   "GaussianBlur",
                   "Gaussian blur of an 8-bit picture.",
                   20,
                   {{"sigma", GaussianBlurOptions{}.sigma, "standard deviation in pixels, above 0 and at most 100", 1}},
                   [](const Params& p) { return std::make_shared<Blur>(p); }});
}

SystemPtr GaussianBlur(const GaussianBlurOptions& options) { return make_system("blur", {{"sigma", options.sigma}}); }

}  // namespace vaerans
