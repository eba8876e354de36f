// Karhunen-Loève transform of the channels: rotations chosen for each picture, and sent with it.
#include "vaerans/systems/klt.hpp"

#include <array>
#include <vector>

#include "base/memory.hpp"
#include "core/wire_ids.hpp"
#include "kernels/klt/covariance.hpp"
#include "kernels/klt/plane_rotation.hpp"
#include "systems/builtin.hpp"
#include "systems/klt/klt_rotations.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

using kernels::kMaxRotatedChannels;

void require_planes(const Spec& spec) {
  if (spec.dtype != DType::f32 || spec.shape.rank() != 3) {
    throw Error(ErrorCode::dtype,
                "klt needs (C, h, w) f32 planes, not " + spec.shape.str() + " " + std::string(dtype_name(spec.dtype)));
  }
  if (spec.shape[0] > kMaxRotatedChannels) {
    throw Error(ErrorCode::shape, "klt takes at most " + std::to_string(kMaxRotatedChannels) + " channels, not " +
                                      std::to_string(spec.shape[0]) + "; leave it out of the recipe for this model");
  }
}

/// Covariances, and on the diagonal the noise as well: what lies below it costs no bits, so nothing is gained there.
void regularized_covariance(std::span<const float> latent, const Shape& shape, double noise, std::span<double> out) {
  const std::size_t channels = shape[0];
  kernels::covariance(latent.data(), channels, shape[1] * shape[2], out);
  double sum = 0;
  for (std::size_t c = 0; c < channels; ++c) sum += out[c * (channels + 1)];
  const double variance = noise * noise * sum / static_cast<double>(channels);
  for (std::size_t c = 0; c < channels; ++c) out[c * (channels + 1)] += variance;
}

// Turns of two samples while the wavelet coder decodes a pixel: 0.12 ns each on one core, for 0.3 to 0.4 µs.
constexpr std::uint64_t kRotationsInTime = 2048;

class Klt final : public DescribedSystem {
 public:
  explicit Klt(const Settings<KLTOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, "YUVW4"}}}),
        noise_(s.options.noise) {}

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    require_planes(input);
    klt::Rotations rotations;
    klt::read_side_info(side_info, input.shape[0], rotations);
    return input;
  }

  [[nodiscard]] std::uint64_t undo_pixels(const TrailStep& step) const override {
    const Shape& shape = step.input.shape;
    klt::Rotations rotations;
    klt::read_side_info(step.side_info, shape[0], rotations);
    return rotations.size() * shape[1] * shape[2] / kRotationsInTime;
  }

  void run(Group& group) const override {
    require_planes(group.spec());
    const Shape& shape = group.spec().shape;
    const TensorRef in = group.batch(), out = group.output(group.spec());
    const std::size_t each = shape.elements();
    const auto source = group.view<float>(in), target = group.view<float>(out);
    RecycledVector<Plan> plans(group.size());
    for_each_entity(group, [&](std::size_t i) {
      std::array<double, kMaxRotatedChannels * kMaxRotatedChannels> memory;
      const std::span<double> covariance(memory.data(), shape[0] * shape[0]);
      regularized_covariance(source.subspan(i * each, each), shape, noise_, covariance);
      klt::choose_rotations(covariance, shape[0], shape[1] * shape[2], plans[i].rotations);
      kernels::rotate_planes(source.data() + i * each, target.data() + i * each, shape[0], shape[1] * shape[2],
                             plans[i].rotations);
      klt::write_side_info(plans[i].rotations, shape[0], plans[i].side_info);
    });
    for (std::size_t i = 0; i < group.size(); ++i) group.side_info(i, plans[i].side_info);
  }

  [[nodiscard]] bool has_vjp() const override { return true; }
  /// The inverse turns back: what it takes has the slopes that turn with what it gives.
  void vjp(const Vjp& request) const override {
    const Shape& shape = request.step.input.shape;
    klt::Rotations rotations;
    klt::read_side_info(request.step.side_info, shape[0], rotations);
    kernels::rotate_planes(request.cotangent.data(), request.out.data(), shape[0], shape[1] * shape[2], rotations);
  }

 private:
  /// What was decided for one entity.
  struct Plan {
    klt::Rotations rotations;
    ByteBuffer side_info;
  };
  double noise_;
};

class KltInverse final : public DescribedSystem {
 public:
  explicit KltInverse(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, ""}}, .inverse_of = "klt"}) {}

  void run(Group& group) const override {
    require_planes(group.spec());
    const Shape& shape = group.spec().shape;
    const TensorRef in = group.batch(), out = group.output(group.spec());
    const std::size_t each = shape.elements();
    const auto source = group.view<float>(in), target = group.view<float>(out);
    for_each_entity(group, [&](std::size_t i) {
      klt::Rotations rotations;
      klt::read_side_info(group.undone_step(i)->side_info, shape[0], rotations);
      kernels::unrotate_planes(source.data() + i * each, target.data() + i * each, shape[0], shape[1] * shape[2],
                               rotations);
    });
  }
};

const Descriptor<KLTOptions>& forward() {
  static const Descriptor<KLTOptions> descriptor{
      .name = "klt",
      .class_name = "KLT",
      .topic = "klt",
      .doc =
          "Rotation that decorrelates the channels, chosen for each picture: Latent4 → YUVW4, both (C, h, w) "
          "float32.\n\n"
          "A Karhunen-Loève transform: an orthonormal rotation computed from the latent's own covariance, by plane "
          "rotations of Jacobi's method, the most useful first, as long as one saves more bits than it takes in the "
          "file. C ≤ 64. Raises ShapeError, DTypeError.",
      .inverse = "klt_inverse",
      .wire_id = wire::klt,
      .params =
          {{"noise", &KLTOptions::noise, ParamRange::from(0).up_to(1),
            "share of the channels' root mean square deviation; deviations well below it vanish in the quantiser's "
            "noise, so that no rotation is spent on them",
            never_in_files}},
      .make = make_of<Klt>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{
      .name = "klt_inverse",
      .class_name = "KLTInverse",
      .topic = "klt",
      .doc = "Undoes the very rotations of KLT that the side information holds: YUVW4 → Latent4.",
      .role = Role::inverse,
      .make = make_of<KltInverse>};
  return descriptor;
}

}  // namespace

void register_klt() {
  register_system(forward().entry());
  register_system(inverse().entry());
}

SystemPtr KLT(const KLTOptions& options) { return forward()(options); }
SystemPtr KLTInverse() { return inverse()(); }

}  // namespace vaerans
