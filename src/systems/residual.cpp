#include "vaerans/systems/residual.hpp"

#include "kernels/pixels/pixels.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

class ResidualSystem final : public SystemBase {
 public:
  explicit ResidualSystem(const Params& params)
      : SystemBase({.name = "residual",
                    .role = Role::filter,
                    .inputs = {{Kind::image, params.text("src")}, {Kind::image, params.text("recon")}},
                    .outputs = {{Kind::difference, "Residual"}}},
                   params) {
    if (parse_dtype(params.text("dtype")) != DType::i16) {
      throw Error(ErrorCode::bad_parameter,
                  "residual: dtype is i16, which holds every difference of two 8-bit pictures");
    }
  }

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

class AddResidualSystem final : public SystemBase {
 public:
  explicit AddResidualSystem(const Params& params)
      : SystemBase({.name = "add_residual",
                    .role = Role::filter,
                    .inputs = {{Kind::image, params.text("recon")}, {Kind::difference, params.text("residual")}},
                    .outputs = {{Kind::image, "ReconRGB"}}},
                   params) {}

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

}  // namespace

void register_residual() {
  const ResidualOptions make;
  register_system({"residual",
                   "Residual",
                   "What a reconstruction lacks: src - recon, exact.",
                   21,
                   {{"src", make.src, "key of the source picture", 1},
                    {"recon", make.recon, "key of its reconstruction", 2},
                    {"dtype", make.dtype, "i16", 3}},
                   [](const Params& p) { return std::make_shared<ResidualSystem>(p); }});
  const AddResidualOptions add;
  register_system(
      {"add_residual",
       "AddResidual",
       "recon + residual, clamped to 0..255.",
       22,
       {{"recon", add.recon, "key of the reconstruction", 1}, {"residual", add.residual, "key of the residual", 2}},
       [](const Params& p) { return std::make_shared<AddResidualSystem>(p); }});
}

SystemPtr Residual(const ResidualOptions& o) {
  return make_system("residual", {{"src", o.src}, {"recon", o.recon}, {"dtype", o.dtype}});
}
SystemPtr AddResidual(const AddResidualOptions& o) {
  return make_system("add_residual", {{"recon", o.recon}, {"residual", o.residual}});
}

}  // namespace vaerans
