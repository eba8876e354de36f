#include "vaerans/systems/color.hpp"

#include "base/parallel.hpp"
#include "coding/context/context_prior.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

// |Y| ≤ 255, |U|, |V| ≤ 510 for differences of 8-bit pictures, so i16 holds all of it and five wavelet levels more.
void to_planes(std::span<const std::int16_t> rgb, std::span<std::int16_t> yuv, std::size_t pixels) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const int r = rgb[3 * i];
    const int g = rgb[3 * i + 1];
    const int b = rgb[3 * i + 2];
    yuv[i] = static_cast<std::int16_t>((r + 2 * g + b) >> 2);
    yuv[pixels + i] = static_cast<std::int16_t>(b - g);
    yuv[2 * pixels + i] = static_cast<std::int16_t>(r - g);
  }
}

void to_rgb(std::span<const std::int16_t> yuv, std::span<std::int16_t> rgb, std::size_t pixels) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const int u = yuv[pixels + i];
    const int v = yuv[2 * pixels + i];
    const int g = yuv[i] - ((u + v) >> 2);
    rgb[3 * i] = static_cast<std::int16_t>(v + g);
    rgb[3 * i + 1] = static_cast<std::int16_t>(g);
    rgb[3 * i + 2] = static_cast<std::int16_t>(u + g);
  }
}

template <typename Transform>
void for_items(Group& group, const TensorRef& in, const TensorRef& out, std::size_t pixels, Transform transform) {
  const auto source = group.view<std::int16_t>(in);
  const auto target = group.view<std::int16_t>(out);
  parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t) {
    transform(source.subspan(i * pixels * 3, pixels * 3), target.subspan(i * pixels * 3, pixels * 3), pixels);
  });
}

class Color final : public SystemBase {
 public:
  explicit Color(const Params& params)
      : SystemBase({.name = "rct",
                    .role = Role::forward,
                    .inputs = {{Kind::difference, ""}},
                    .outputs = {{Kind::planes, "ResidualYUV"}}},
                   params) {}

  [[nodiscard]] std::shared_ptr<const System> inverse() const override;
  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override { return residual_prior(); }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena&, const Limits&) const override {
    if (input.kind != Kind::difference || input.shape.rank() != 3 || input.shape[2] != 3) {
      throw Error(ErrorCode::shape, "rct needs (H, W, 3) i16, not " + input.shape.str());
    }
    return {Kind::planes, DType::i16, Shape{3, input.shape[0], input.shape[1]}, {}};
  }

  void run(Group& group) const override {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    for_items(group, group.batch(), group.output(spec), spec.shape[1] * spec.shape[2], to_planes);
  }
};

class ColorInverse final : public SystemBase {
 public:
  ColorInverse()
      : SystemBase({.name = "rct_inverse",
                    .role = Role::inverse,
                    .inputs = {{Kind::planes, ""}},
                    .outputs = {{Kind::difference, ""}},
                    .inverse_of = "rct"}) {}

  void run(Group& group) const override {
    const Spec& spec = group.undone_step(0)->input;
    for_items(group, group.batch(), group.output(spec), spec.shape[0] * spec.shape[1], to_rgb);
  }
};

std::shared_ptr<const System> Color::inverse() const { return std::make_shared<ColorInverse>(); }

}  // namespace

void register_color() {
  register_system(
      {"rct", "ReversibleColor", "JPEG 2000's reversible colour transform of a residual.", 23, {}, [](const Params& p) {
         return std::make_shared<Color>(p);
       }});
  register_system({"rct_inverse", "ReversibleColorInverse", "Undoes rct.", 24, {}, [](const Params&) {
                     return std::make_shared<ColorInverse>();
                   }});
}

SystemPtr ReversibleColor() { return make_system("rct"); }
SystemPtr ReversibleColorInverse() { return make_system("rct_inverse"); }

}  // namespace vaerans
