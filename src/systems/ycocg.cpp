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
      : DescribedSystem(s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::planes, "YCoCg"}}, .any_picture = true}) {
  }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    require_any_picture(input, "ycocg");
    if (!side_info.empty()) throw Error(ErrorCode::corrupt_stream, "ycocg has no side information, but some is there");
    return {Kind::planes, DType::f32, Shape{input.shape[2], input.shape[0], input.shape[1]}, {}};
  }

  [[nodiscard]] std::optional<std::uint64_t> halo() const override { return 0; }

  void run(Group& group) const override {
    group.spec().dtype == DType::u16 ? run_on<std::uint16_t>(group) : run_on<std::uint8_t>(group);
  }

 private:
  template <typename Sample>
  void run_on(Group& group) const {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    const auto in = group.view<Sample>(group.batch());
    const auto out = group.view<float>(group.output(spec));
    const std::size_t n = spec.shape.elements();
    const auto convert = [grey = spec.shape[0] == 1](std::span<const Sample> from, std::span<float> to) {
      grey ? kernels::to_luma(from, to) : kernels::to_ycocg(from, to);
    };
    for_each_entity(group, [&](std::size_t i) { convert(in.subspan(i * n, n), out.subspan(i * n, n)); });
  }
};

class YCoCgInverseSystem final : public DescribedSystem {
 public:
  explicit YCoCgInverseSystem(const Settings<NoOptions>& s)
      : DescribedSystem(
            s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::image, "ReconRGB"}}, .inverse_of = "ycocg"}) {}

  void run(Group& group) const override {
    const Spec& target = group.undone_step(0)->input;
    target.dtype == DType::u16 ? run_on<std::uint16_t>(group, target) : run_on<std::uint8_t>(group, target);
  }

 private:
  template <typename Sample>
  static void run_on(Group& group, const Spec& target) {
    const auto in = group.view<float>(group.batch());
    const auto out = group.view<Sample>(group.output(target));
    const std::size_t n = target.shape.elements();
    const auto convert = [grey = target.shape[2] == 1](std::span<const float> from, std::span<Sample> to) {
      grey ? kernels::from_luma(from, to) : kernels::from_ycocg(from, to);
    };
    for_each_entity(group, [&](std::size_t i) { convert(in.subspan(i * n, n), out.subspan(i * n, n)); });
  }
};

const Descriptor<>& forward() {
  static const Descriptor<> descriptor{
      .name = "ycocg",
      .class_name = "YCoCg",
      .topic = "ycocg",
      .doc =
          "Luma and chroma: RGB (H, W, C), C = 3 or 1 (grey), uint8 or uint16 → YCoCg (C, H, W) float32.\n\n"
          "Y = (R + 2G + B)/4 − 128, Cg = (2G − R − B)/4, Co = (R − B)/2, each times √3, so that an error of 1 in a "
          "plane is an error of length 1 in RGB. Quantised with one step, the planes then share the error as is best "
          "for PSNR. Grey is the Y of three equal channels; samples of 16 bits are divided by 257 first, so that steps "
          "mean the same. Malvar and Sullivan 2003.",
      .inverse = "ycocg_inverse",
      .wire_id = wire::ycocg,
      .make = make_of<YCoCgSystem>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{.name = "ycocg_inverse",
                                       .class_name = "YCoCgInverse",
                                       .topic = "ycocg",
                                       .doc = "Undoes YCoCg: planes (C, H, W) float32 → ReconRGB (H, W, C).",
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
