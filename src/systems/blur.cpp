#include "vaerans/systems/blur.hpp"

#include "base/parallel.hpp"
#include "kernels/blur/blur.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

class Blur final : public DescribedSystem {
 public:
  explicit Blur(const Settings<GaussianBlurOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::image, "BlurRGB"}}}),
        sigma_(s.options.sigma) {}

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

const Descriptor<GaussianBlurOptions>& blur() {
  static const Descriptor<GaussianBlurOptions> descriptor{
      .name = "blur",
      .class_name = "GaussianBlur",
      .topic = "blur",
      .doc =
          "Gaussian blur of an 8-bit picture → BlurRGB.\n\n"
          "Separable, truncated at 4σ, half-sample symmetric borders, rounded to 8 bits: the conventions of "
          "scipy.ndimage.gaussian_filter.",
      .role = Role::filter,
      .params = {{"sigma", &GaussianBlurOptions::sigma, ParamRange::above(0).up_to(100),
                  "standard deviation in pixels"}},
      .make = make_of<Blur>};
  return descriptor;
}

}  // namespace

void register_blur() { register_system(blur().entry()); }

SystemPtr GaussianBlur(const GaussianBlurOptions& options) { return blur()(options); }

}  // namespace vaerans
