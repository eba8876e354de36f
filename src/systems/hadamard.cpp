#include "vaerans/systems/hadamard.hpp"

#include "base/parallel.hpp"
#include "core/wire_ids.hpp"
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

struct HadamardOptions {
  bool in_place = false;
};

class Hadamard final : public DescribedSystem {
 public:
  explicit Hadamard(const Settings<HadamardOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, "YUVW4"}}, .in_place = true}),
        in_place_(s.options.in_place) {}

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena&, const Limits&) const override {
    require_planes(input);
    return input;
  }

  void run(Group& group) const override {
    require_planes(group.spec());
    const TensorRef in = group.batch();
    transform(group, in, in_place_ ? group.output_in_place(group.spec()) : group.output(group.spec()));
  }

  [[nodiscard]] bool has_vjp() const override { return true; }
  /// Orthonormal and symmetric: it is its own adjoint.
  void vjp(const Vjp& request) const override {
    const Shape& shape = request.step.input.shape;
    kernels::hadamard(request.cotangent.data(), request.out.data(), shape[0], shape[1] * shape[2]);
  }

 private:
  bool in_place_;
};

class HadamardInverse final : public DescribedSystem {
 public:
  explicit HadamardInverse(const Settings<NoOptions>& s)
      : DescribedSystem(s,
                        {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, ""}}, .inverse_of = "hadamard4"}) {}

  void run(Group& group) const override {
    require_planes(group.spec());
    transform(group, group.batch(), group.output(group.spec()));
  }
};

const Descriptor<HadamardOptions>& forward() {
  static const Descriptor<HadamardOptions> descriptor{
      .name = "hadamard4",
      .class_name = "Hadamard4",
      .topic = "hadamard",
      .doc =
          "Orthonormal Walsh–Hadamard transform over C = 2^k channels: Latent4 → YUVW4, both (C, h, w) float32.\n\n"
          "Sylvester order, H·Hᵀ = I: the factor is 2^(−k/2), ½ for C = 4. Raises ShapeError where C is no power of "
          "two.",
      .inverse = "hadamard4_inverse",
      .wire_id = wire::hadamard4,
      .params = {{"in_place",
                  &HadamardOptions::in_place,
                  {},
                  "take the latent's memory instead of allocating; the latent component goes away",
                  never_in_files}},
      .make = make_of<Hadamard>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{.name = "hadamard4_inverse",
                                       .class_name = "Hadamard4Inverse",
                                       .topic = "hadamard",
                                       .doc = "Undoes Hadamard4, whose matrix is its own inverse: YUVW4 → Latent4.",
                                       .role = Role::inverse,
                                       .make = make_of<HadamardInverse>};
  return descriptor;
}

}  // namespace

void register_hadamard() {
  register_system(forward().entry());
  register_system(inverse().entry());
}

SystemPtr Hadamard4() { return forward()(); }
SystemPtr Hadamard4Inverse() { return inverse()(); }

}  // namespace vaerans
