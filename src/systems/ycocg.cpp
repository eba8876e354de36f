#include "vaerans/systems/ycocg.hpp"

#include "core/wire_ids.hpp"
#include "kernels/pixels/ycocg.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

class YCoCgSystem final : public DescribedSystem {
 public:
  explicit YCoCgSystem(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::planes, "YCoCg"}}}) {}

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    if (input.kind != Kind::image || input.dtype != DType::u8 || input.shape.rank() != 3 || input.shape[2] != 3) {
      throw Error(ErrorCode::shape, "ycocg needs a picture (H, W, 3) u8, not " + input.shape.str());
    }
    if (!side_info.empty()) throw Error(ErrorCode::corrupt_stream, "ycocg has no side information, but some is there");
    return {Kind::planes, DType::f32, Shape{3, input.shape[0], input.shape[1]}, {}};
  }

  void run(Group& group) const override {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    const auto in = group.view<std::uint8_t>(group.batch());
    const auto out = group.view<float>(group.output(spec));
    const std::size_t n = spec.shape.elements();
    for_each_entity(group, [&](std::size_t i) { kernels::to_ycocg(in.subspan(i * n, n), out.subspan(i * n, n)); });
  }
};

class YCoCgInverseSystem final : public DescribedSystem {
 public:
  explicit YCoCgInverseSystem(const Settings<NoOptions>& s)
      : DescribedSystem(
            s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::image, "ReconRGB"}}, .inverse_of = "ycocg"}) {}

  void run(Group& group) const override {
    const Spec& target = group.undone_step(0)->input;
    const auto in = group.view<float>(group.batch());
    const auto out = group.view<std::uint8_t>(group.output(target));
    const std::size_t n = target.shape.elements();
    for_each_entity(group, [&](std::size_t i) { kernels::from_ycocg(in.subspan(i * n, n), out.subspan(i * n, n)); });
  }
};

const Descriptor<>& forward() {
  static const Descriptor<> descriptor{
      .name = "ycocg",
      .class_name = "YCoCg",
      .topic = "ycocg",
      .doc =
          "Luma and chroma: RGB (H, W, 3) uint8 → YCoCg (3, H, W) float32.\n\n"
          "Y = (R + 2G + B)/4 − 128, Cg = (2G − R − B)/4, Co = (R − B)/2, each times √3, so that an error of 1 in a "
          "plane is an error of length 1 in RGB. Quantised with one step, the planes then share the error as is best "
          "for PSNR. Malvar and Sullivan 2003.",
      .inverse = "ycocg_inverse",
      .wire_id = wire::ycocg,
      .make = make_of<YCoCgSystem>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{.name = "ycocg_inverse",
                                       .class_name = "YCoCgInverse",
                                       .topic = "ycocg",
                                       .doc = "Undoes YCoCg: planes (3, H, W) float32 → ReconRGB (H, W, 3) uint8.",
                                       .role = Role::inverse,
                                       .make = make_of<YCoCgInverseSystem>};
  return descriptor;
}

}  // namespace

void register_ycocg() {
  register_system(forward().entry());
  register_system(inverse().entry());
}

SystemPtr YCoCg() { return forward()(); }
SystemPtr YCoCgInverse() { return inverse()(); }

}  // namespace vaerans
