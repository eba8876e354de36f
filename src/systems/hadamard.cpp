#include "vaerans/systems/hadamard.hpp"

#include "base/parallel.hpp"
#include "kernels/hadamard/hadamard.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

void require_planes(const Spec& spec) {
  if (spec.dtype != DType::f32 || spec.shape.rank() != 3) {
    throw Error(ErrorCode::dtype, "hadamard4 needs (C, h, w) f32 planes, not " + spec.shape.str() + " " +
                                      std::string(dtype_name(spec.dtype)));
  }
  if (!kernels::is_hadamard_size(spec.shape[0])) {
    throw Error(ErrorCode::shape, "hadamard4 needs 2^k channels, not " + std::to_string(spec.shape[0]) +
                                      "; leave it out of the recipe for this model");
  }
}

void transform(Group& group, const TensorRef& in, const TensorRef& out) {
  const Shape& shape = group.spec().shape;
  const std::size_t item = shape.elements();
  const auto source = group.view<float>(in);
  const auto target = group.view<float>(out);
  parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t) {
    kernels::hadamard(source.data() + i * item, target.data() + i * item, shape[0], shape[1] * shape[2]);
  });
}

class Hadamard final : public SystemBase {
 public:
  explicit Hadamard(const Params& params)
      : SystemBase({.name = "hadamard4",
                    .role = Role::forward,
                    .inputs = {{Kind::planes, ""}},
                    .outputs = {{Kind::planes, "YUVW4"}},
                    .in_place = true},
                   params),
        in_place_(params.flag("in_place")) {}

  [[nodiscard]] std::shared_ptr<const System> inverse() const override;

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena&, const Limits&) const override {
    require_planes(input);
    return input;
  }

  void run(Group& group) const override {
    require_planes(group.spec());
    const TensorRef in = group.batch();
    transform(group, in, in_place_ ? group.output_in_place(group.spec()) : group.output(group.spec()));
  }

 private:
  bool in_place_;
};

class HadamardInverse final : public SystemBase {
 public:
  HadamardInverse()
      : SystemBase({.name = "hadamard4_inverse",
                    .role = Role::inverse,
                    .inputs = {{Kind::planes, ""}},
                    .outputs = {{Kind::planes, ""}},
                    .inverse_of = "hadamard4"}) {}

  void run(Group& group) const override {
    require_planes(group.spec());
    transform(group, group.batch(), group.output(group.spec()));
  }
};

std::shared_ptr<const System> Hadamard::inverse() const { return std::make_shared<HadamardInverse>(); }

}  // namespace

void register_hadamard() {
  register_system({"hadamard4",
                   "Hadamard4",
                   "Orthonormal Walsh-Hadamard transform over 2^k channels.",
                   3,
                   {{"in_place", false, "take the latent's memory instead of allocating; the latent goes away", 0}},
                   [](const Params& p) { return std::make_shared<Hadamard>(p); }});
  register_system(
      {"hadamard4_inverse", "Hadamard4Inverse", "Undoes hadamard4; the same matrix.", 4, {}, [](const Params&) {
         return std::make_shared<HadamardInverse>();
       }});
}

SystemPtr Hadamard4() { return make_system("hadamard4"); }
SystemPtr Hadamard4Inverse() { return make_system("hadamard4_inverse"); }

}  // namespace vaerans
