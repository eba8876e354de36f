#include "vaerans/systems/color.hpp"

#include "base/parallel.hpp"
#include "coding/context/context_prior.hpp"
#include "core/wire_ids.hpp"
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

class Color final : public DescribedSystem {
 public:
  explicit Color(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::difference, ""}}, .outputs = {{Kind::planes, "ResidualYUV"}}}) {}

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

class ColorInverse final : public DescribedSystem {
 public:
  explicit ColorInverse(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::difference, ""}}, .inverse_of = "rct"}) {
  }

  void run(Group& group) const override {
    const Spec& spec = group.undone_step(0)->input;
    for_items(group, group.batch(), group.output(spec), spec.shape[0] * spec.shape[1], to_rgb);
  }
};

const Descriptor<>& forward() {
  static const Descriptor<> descriptor{
      .name = "rct",
      .class_name = "ReversibleColor",
      .topic = "residual",
      .doc =
          "JPEG 2000's reversible colour transform: Residual (H, W, 3) int16 → planes (3, H, W) int16.\n\n"
          "Y = ⌊(R + 2G + B)/4⌋, U = B − G, V = R − G (ISO/IEC 15444-1 annex G.2).",
      .inverse = "rct_inverse",
      .wire_id = wire::rct,
      .make = make_of<Color>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{.name = "rct_inverse",
                                       .class_name = "ReversibleColorInverse",
                                       .topic = "residual",
                                       .doc = "Undoes ReversibleColor: planes (3, H, W) int16 → Residual (H, W, 3).",
                                       .role = Role::inverse,
                                       .make = make_of<ColorInverse>};
  return descriptor;
}

}  // namespace

void register_color() {
  register_system(forward().entry());
  register_system(inverse().entry());
}

SystemPtr ReversibleColor() { return forward()(); }
SystemPtr ReversibleColorInverse() { return inverse()(); }

}  // namespace vaerans
