#include "vaerans/systems/residual.hpp"

#include "kernels/pixels/pixels.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

class ResidualSystem final : public DescribedSystem {
 public:
  explicit ResidualSystem(const Settings<ResidualOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::image, s.options.src}, {Kind::image, s.options.recon}},
                            .outputs = {{Kind::difference, "Residual"}}}) {}

  void run(Group& group) const override {
    const Shape& shape = group.spec(0).shape;
    if (shape != group.spec(1).shape) {
      throw Error(ErrorCode::shape,
                  "the pictures differ in shape: " + shape.str() + " and " + group.spec(1).shape.str());
    }
    const TensorRef out = group.output({Kind::difference, DType::i16, shape, {}});
    kernels::residual(group.view<std::uint8_t>(group.batch(0)), group.view<std::uint8_t>(group.batch(1)),
                      group.view<std::int16_t>(out));
  }
};

class AddResidualSystem final : public DescribedSystem {
 public:
  explicit AddResidualSystem(const Settings<AddResidualOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::image, s.options.recon}, {Kind::difference, s.options.residual}},
                            .outputs = {{Kind::image, "ReconRGB"}}}) {}

  void run(Group& group) const override {
    const Spec& spec = group.spec(0);
    if (spec.shape != group.spec(1).shape) {
      throw Error(ErrorCode::shape,
                  "picture and residual differ in shape: " + spec.shape.str() + " and " + group.spec(1).shape.str());
    }
    const TensorRef out = group.output(spec);
    const bool exact = kernels::add_residual(group.view<std::uint8_t>(group.batch(0)),
                                             group.view<std::int16_t>(group.batch(1)), group.view<std::uint8_t>(out));
    if (!exact) group.note("sums outside 0..255 were clamped");
  }
};

const Descriptor<ResidualOptions>& residual() {
  static const Descriptor<ResidualOptions> descriptor{
      .name = "residual",
      .class_name = "Residual",
      .topic = "residual",
      .doc =
          "What a reconstruction lacks: src − recon → Residual (H, W, 3) int16. Exact.\n\n"
          "Raises ShapeError where the pictures differ in shape.",
      .role = Role::filter,
      .params = {{"src", &ResidualOptions::src, ParamRange::key(), "the source picture"},
                 {"recon", &ResidualOptions::recon, ParamRange::key(), "its reconstruction"},
                 {"dtype", &ResidualOptions::dtype, ParamRange::one_of({"i16"}),
                  "element type; i16 holds every difference of two 8-bit pictures"}},
      .make = make_of<ResidualSystem>};
  return descriptor;
}

const Descriptor<AddResidualOptions>& add_residual() {
  static const Descriptor<AddResidualOptions> descriptor{
      .name = "add_residual",
      .class_name = "AddResidual",
      .topic = "residual",
      .doc =
          "recon + residual, clamped to 0…255 → ReconRGB; exact for a residual of the same pair.\n\n"
          "Give `out` to keep both pictures. Raises ShapeError where picture and residual differ in shape.",
      .role = Role::filter,
      .params = {{"recon", &AddResidualOptions::recon, ParamRange::key(), "the reconstruction"},
                 {"residual", &AddResidualOptions::residual, ParamRange::key(), "the residual"}},
      .make = make_of<AddResidualSystem>};
  return descriptor;
}

}  // namespace

void register_residual() {
  register_system(residual().entry());
  register_system(add_residual().entry());
}

SystemPtr Residual(const ResidualOptions& options) { return residual()(options); }
SystemPtr AddResidual(const AddResidualOptions& options) { return add_residual()(options); }

}  // namespace vaerans
