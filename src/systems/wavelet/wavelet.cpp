#include "vaerans/systems/wavelet.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "core/wire_ids.hpp"
#include "kernels/dwt/dwt.hpp"
#include "systems/builtin.hpp"
#include "systems/memory_limit.hpp"
#include "systems/system_base.hpp"
#include "systems/wavelet/subbands.hpp"

namespace vaerans {
namespace {

struct Plane {
  std::uint32_t h, w;
};

void require_planes(const Spec& spec, bool integers, const Limits& limits) {
  const bool type = spec.dtype == DType::f32 || (integers && (spec.dtype == DType::i16 || spec.dtype == DType::i32));
  if (spec.kind != Kind::planes || spec.shape.rank() != 3 || !type) {
    throw Error(ErrorCode::dtype, std::string("a wavelet needs (C, h, w) planes of ") +
                                      (integers ? "f32, i16 or i32" : "f32 (for cdf97)") + ", not " + spec.shape.str() +
                                      " " + std::string(dtype_name(spec.dtype)));
  }
  if (!limits.allow_extents(spec.shape[1], spec.shape[2])) {
    throw Error(ErrorCode::limit_exceeded, "planes of " + spec.shape.str() + " are over the limits in force");
  }
}

Plane plane_of(const Shape& shape) {
  return {static_cast<std::uint32_t>(shape[1]), static_cast<std::uint32_t>(shape[2])};
}

// The index of every channel's bands, in the arena, since components and trails point to it.
std::span<const Subband> subbands(const Shape& shape, std::uint32_t levels, Arena& arena) {
  const Plane plane = plane_of(shape);
  const auto all = wavelet_subbands(static_cast<std::uint32_t>(shape[0]), plane.h, plane.w, levels);
  if (all.empty()) throw Error(ErrorCode::limit_exceeded, "a plane of " + shape.str() + " is too large for a wavelet");
  auto* const out = reinterpret_cast<Subband*>(arena.alloc_bytes(all.size() * sizeof(Subband), alignof(Subband)));
  std::ranges::uninitialized_copy(all, std::span(out, all.size()));
  return {out, all.size()};
}

std::size_t scratch_of(const Plane& plane) { return kernels::dwt_scratch_size(plane.h, plane.w, false) + 1; }

// Runs `transform(in, out, scratch)` over the planes of a batch.
template <typename T, typename Transform>
void for_planes(Group& group, const Shape& planes, const TensorRef& in, const TensorRef& out, Transform transform) {
  const Plane plane = plane_of(planes);
  const std::size_t n = std::size_t{plane.h} * plane.w;
  const unsigned threads = thread_count(group.context().threads);
  const std::size_t room = scratch_of(plane);
  const TensorRef scratch = group.world().scratch("wavelet", Shape{threads, room}, dtype_of<T>);
  const auto source = group.view<T>(in);
  const auto target = group.view<T>(out);
  const auto work = group.view<T>(scratch);
  parallel_for(threads, group.size() * planes[0], [&](std::size_t i, std::size_t slot) {
    require_ok(transform(source.data() + i * n, target.data() + i * n, plane, work.subspan(slot * room, room)),
               "wavelet");
  });
}

template <typename T>
void forward(Group& group, kernels::Wavelet wavelet, std::uint32_t levels, const TensorRef& in, const TensorRef& out) {
  for_planes<T>(group, group.spec().shape, in, out, [&](const T* source, T* target, Plane p, std::span<T> scratch) {
    return kernels::dwt_forward<T>(wavelet, source, target, p.h, p.w, levels, scratch);
  });
}

template <typename T>
void backward(Group& group, kernels::Wavelet wavelet, std::uint32_t levels, const Shape& planes, const TensorRef& in,
              const TensorRef& out) {
  for_planes<T>(group, planes, in, out, [&](const T* source, T* target, Plane p, std::span<T> scratch) {
    return kernels::dwt_inverse<T>(wavelet, source, target, p.h, p.w, levels, scratch);
  });
}

class WaveletForward : public DescribedSystem {
 public:
  WaveletForward(kernels::Wavelet wavelet, const Settings<WaveletOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::bands, "WaveletPyr"}}}),
        wavelet_(wavelet),
        levels_(static_cast<std::uint32_t>(s.options.levels)) {}

  [[nodiscard]] std::uint32_t levels() const noexcept { return levels_; }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena& arena,
                              const Limits& limits) const override {
    require_planes(input, wavelet_ != kernels::Wavelet::cdf97, limits);
    const Shape& s = input.shape;
    return {Kind::bands, input.dtype, Shape{s[0], s[1] * s[2]}, subbands(s, levels_, arena)};
  }

  /// From a border at whole coarse coefficients: the nearest high one beyond it lies half a coefficient away, and its
  /// basis function is so much wider.
  [[nodiscard]] std::optional<std::uint64_t> halo() const override {
    const std::uint64_t reach = wavelet_ == kernels::Wavelet::cdf97 ? 3 : 1;
    return reach * ((std::uint64_t{1} << levels_) - 1);
  }

  /// Planes, coefficients, and room to work for as many threads as there are planes or CPUs.
  void check_undo(const TrailStep& step, const Limits& limits) const override {
    const Shape& shape = step.input.shape;
    const std::uint64_t threads = std::min<std::uint64_t>(thread_count(0), shape[0]);
    require_memory((2 * shape.elements() + threads * scratch_of(plane_of(shape))) * dtype_size(step.input.dtype),
                   limits);
  }

  void run(Group& group) const override {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    note_clamp(group);
    const TensorRef in = group.batch();
    const TensorRef out = group.output(spec);
    if (spec.dtype == DType::f32) return forward<float>(group, wavelet_, levels_, in, out);
    if (spec.dtype == DType::i16) return forward<std::int16_t>(group, wavelet_, levels_, in, out);
    forward<std::int32_t>(group, wavelet_, levels_, in, out);
  }

  [[nodiscard]] bool has_vjp() const override { return wavelet_ != kernels::Wavelet::cdf97; }
  void vjp(const Vjp& request) const override {
    const Plane plane = plane_of(request.step.input.shape);
    const std::size_t n = std::size_t{plane.h} * plane.w;
    std::vector<float> scratch(n);
    for (std::size_t at = 0; at < request.out.size(); at += n) {
      require_ok(kernels::dwt_inverse_adjoint(wavelet_, request.cotangent.data() + at, request.out.data() + at, plane.h,
                                              plane.w, levels_, scratch),
                 "wavelet");
    }
  }

 private:
  void note_clamp(Group& group) const {
    const Plane plane = plane_of(group.spec().shape);
    const std::uint32_t fit = kernels::clamp_levels(plane.h, plane.w, levels_);
    if (fit != levels_) group.note("levels clamped from " + std::to_string(levels_) + " to " + std::to_string(fit));
  }
  kernels::Wavelet wavelet_;
  std::uint32_t levels_;
};

class WaveletInverse : public DescribedSystem {
 public:
  WaveletInverse(kernels::Wavelet wavelet, const char* step, const Settings<WaveletInverseOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::bands, ""}}, .outputs = {{Kind::planes, ""}}, .inverse_of = step}),
        wavelet_(wavelet),
        levels_(s.options.levels) {}

  void run(Group& group) const override {
    const Spec& planes = group.undone_step(0)->input;
    const std::uint32_t levels = levels_of(group);
    const TensorRef in = group.batch();
    const TensorRef out = group.output(planes);
    if (planes.dtype == DType::f32) return backward<float>(group, wavelet_, levels, planes.shape, in, out);
    if (planes.dtype == DType::i16) return backward<std::int16_t>(group, wavelet_, levels, planes.shape, in, out);
    backward<std::int32_t>(group, wavelet_, levels, planes.shape, in, out);
  }

 private:
  std::uint32_t levels_of(const Group& group) const {
    const auto& forward = dynamic_cast<const WaveletForward&>(*group.undone_step(0)->system);
    if (levels_ == -1 || std::cmp_equal(levels_, forward.levels())) return forward.levels();
    throw Error(ErrorCode::contract, contract().name + " was asked for " + std::to_string(levels_) +
                                         " levels, but the stream has " + std::to_string(forward.levels()));
  }
  kernels::Wavelet wavelet_;
  std::int64_t levels_;
};

// One name, wavelet and number each; all else is the same.
template <kernels::Wavelet wavelet>
struct Forward final : WaveletForward {
  explicit Forward(const Settings<WaveletOptions>& s) : WaveletForward(wavelet, s) {}
};
struct Cdf53Inverse final : WaveletInverse {
  explicit Cdf53Inverse(const Settings<WaveletInverseOptions>& s)
      : WaveletInverse(kernels::Wavelet::cdf53, "cdf53", s) {}
};
struct Cdf97Inverse final : WaveletInverse {
  explicit Cdf97Inverse(const Settings<WaveletInverseOptions>& s)
      : WaveletInverse(kernels::Wavelet::cdf97, "cdf97", s) {}
};
struct HaarInverse final : WaveletInverse {
  explicit HaarInverse(const Settings<WaveletInverseOptions>& s) : WaveletInverse(kernels::Wavelet::haar, "haar", s) {}
};

Option<WaveletOptions> levels(std::uint8_t wire_id) {
  return {"levels", &WaveletOptions::levels, ParamRange::from(0).up_to(kernels::kMaxLevels),
          "decompositions; clamped, with a note in the trace, where a plane is too small", wire_id};
}
const Option<WaveletInverseOptions>& levels_of_stream() {
  static const Option<WaveletInverseOptions> option{"levels", &WaveletInverseOptions::levels,
                                                    ParamRange::from(-1).up_to(kernels::kMaxLevels),
                                                    "must be the stream's; -1 takes them from it"};
  return option;
}

const Descriptor<WaveletOptions>& cdf53() {
  static const Descriptor<WaveletOptions> descriptor{
      .name = "cdf53",
      .class_name = "WaveletCDF53",
      .topic = "wavelet",
      .doc =
          "CDF 5/3 wavelet: planes (C, h, w) → WaveletPyr (C, h·w) of the same dtype.\n\n"
          "float32: lifting with scaling √2 and 1/√2 per direction and level, so that coefficients equal "
          "PyWavelets' bior2.2 (signs of high bands aside). int16, int32: the reversible 5/3 of JPEG 2000 "
          "(ISO/IEC 15444-1 annex F), bit-exact under its inverse. Any size from 1×1; whole-sample symmetric "
          "borders. Raises DTypeError for other planes.",
      .inverse = "cdf53_inverse",
      .wire_id = wire::cdf53,
      .params = {levels(wire::cdf53_levels)},
      .make = make_of<Forward<kernels::Wavelet::cdf53>>};
  return descriptor;
}

const Descriptor<WaveletInverseOptions>& cdf53_inverse() {
  static const Descriptor<WaveletInverseOptions> descriptor{
      .name = "cdf53_inverse",
      .class_name = "WaveletCDF53Inverse",
      .topic = "wavelet",
      .doc = "Undoes WaveletCDF53: WaveletPyr → the planes that it was given.",
      .role = Role::inverse,
      .params = {levels_of_stream()},
      .make = make_of<Cdf53Inverse>};
  return descriptor;
}

const Descriptor<WaveletOptions>& haar() {
  static const Descriptor<WaveletOptions> descriptor{
      .name = "haar",
      .class_name = "WaveletHaar",
      .topic = "wavelet",
      .doc =
          "Haar wavelet: planes (C, h, w) → WaveletPyr (C, h·w) of the same dtype.\n\n"
          "float32: orthonormal. int16, int32: the S-transform, bit-exact under its inverse. Else as WaveletCDF53.",
      .inverse = "haar_inverse",
      .wire_id = wire::haar,
      .params = {levels(wire::haar_levels)},
      .make = make_of<Forward<kernels::Wavelet::haar>>};
  return descriptor;
}

const Descriptor<WaveletInverseOptions>& haar_inverse() {
  static const Descriptor<WaveletInverseOptions> descriptor{
      .name = "haar_inverse",
      .class_name = "WaveletHaarInverse",
      .topic = "wavelet",
      .doc = "Undoes WaveletHaar: WaveletPyr → the planes that it was given.",
      .role = Role::inverse,
      .params = {levels_of_stream()},
      .make = make_of<HaarInverse>};
  return descriptor;
}

const Descriptor<WaveletOptions>& cdf97() {
  static const Descriptor<WaveletOptions> descriptor{
      .name = "cdf97",
      .class_name = "WaveletCDF97",
      .topic = "wavelet",
      .doc =
          "CDF 9/7 wavelet: planes (C, h, w) → WaveletPyr (C, h·w), both float32.\n\n"
          "The lifting steps of JPEG 2000's irreversible transform (ISO/IEC 15444-1 annex F), scaled so that "
          "coefficients equal PyWavelets' bior4.4 (signs of high bands aside), in one order of operations on all "
          "machines. Any size from 1×1; whole-sample symmetric borders. Raises DTypeError for other planes.",
      .inverse = "cdf97_inverse",
      .wire_id = wire::cdf97,
      .params = {levels(wire::cdf97_levels)},
      .make = make_of<Forward<kernels::Wavelet::cdf97>>};
  return descriptor;
}

const Descriptor<WaveletInverseOptions>& cdf97_inverse() {
  static const Descriptor<WaveletInverseOptions> descriptor{
      .name = "cdf97_inverse",
      .class_name = "WaveletCDF97Inverse",
      .topic = "wavelet",
      .doc = "Undoes WaveletCDF97: WaveletPyr → the planes that it was given.",
      .role = Role::inverse,
      .params = {levels_of_stream()},
      .make = make_of<Cdf97Inverse>};
  return descriptor;
}

}  // namespace

void register_wavelet() {
  register_system(cdf53().entry());
  register_system(cdf53_inverse().entry());
  register_system(cdf97().entry());
  register_system(cdf97_inverse().entry());
  register_system(haar().entry());
  register_system(haar_inverse().entry());
}

SystemPtr WaveletCDF53(const WaveletOptions& options) { return cdf53()(options); }
SystemPtr WaveletCDF53Inverse(const WaveletInverseOptions& options) { return cdf53_inverse()(options); }
SystemPtr WaveletCDF97(const WaveletOptions& options) { return cdf97()(options); }
SystemPtr WaveletCDF97Inverse(const WaveletInverseOptions& options) { return cdf97_inverse()(options); }
SystemPtr WaveletHaar(const WaveletOptions& options) { return haar()(options); }
SystemPtr WaveletHaarInverse(const WaveletInverseOptions& options) { return haar_inverse()(options); }

}  // namespace vaerans
