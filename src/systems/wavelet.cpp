#include "vaerans/systems/wavelet.hpp"

#include <array>
#include <memory>
#include <utility>

#include "base/parallel.hpp"
#include "kernels/dwt/dwt.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

struct Plane {
  std::uint32_t h, w;
};

void require_planes(const Spec& spec, const Limits& limits) {
  const bool type = spec.dtype == DType::f32 || spec.dtype == DType::i16 || spec.dtype == DType::i32;
  if (spec.kind != Kind::planes || spec.shape.rank() != 3 || !type) {
    throw Error(ErrorCode::dtype, "a wavelet needs (C, h, w) planes of f32, i16 or i32, not " + spec.shape.str() + " " +
                                      std::string(dtype_name(spec.dtype)));
  }
  if (spec.shape[1] > limits.max_side || spec.shape[2] > limits.max_side ||
      spec.shape[1] * spec.shape[2] > limits.max_pixels) {
    throw Error(ErrorCode::limit_exceeded, "planes of " + spec.shape.str() + " are over the limits in force");
  }
}

Plane plane_of(const Shape& shape) {
  return {static_cast<std::uint32_t>(shape[1]), static_cast<std::uint32_t>(shape[2])};
}

// The index of every channel's bands, in the arena, since components and trails point to it.
std::span<const Subband> subbands(const Shape& shape, std::uint32_t levels, Arena& arena) {
  const Plane plane = plane_of(shape);
  std::array<kernels::SubbandExtent, kernels::kMaxBands> bands;
  const std::size_t n = kernels::band_layout(plane.h, plane.w, levels, bands);
  if (n == 0) throw Error(ErrorCode::limit_exceeded, "a plane of " + shape.str() + " is too large for a wavelet");
  auto* const out = reinterpret_cast<Subband*>(arena.alloc_bytes(shape[0] * n * sizeof(Subband), alignof(Subband)));
  for (std::uint32_t c = 0; c < shape[0]; ++c) {
    for (std::size_t b = 0; b < n; ++b) {
      const std::uint64_t start = std::uint64_t{c} * plane.h * plane.w + bands[b].offset;
      std::construct_at(out + c * n + b, Subband{c, bands[b].level, static_cast<Orientation>(bands[b].kind), start,
                                                 bands[b].h, bands[b].w});
    }
  }
  return {out, shape[0] * n};
}

// Runs `transform(in, out, scratch)` over the planes of a batch.
template <typename T, typename Transform>
void for_planes(Group& group, const Shape& planes, const TensorRef& in, const TensorRef& out, Transform transform) {
  const Plane plane = plane_of(planes);
  const std::size_t n = std::size_t{plane.h} * plane.w;
  const unsigned threads = thread_count(group.context().threads);
  const std::size_t room = kernels::dwt_scratch_size(plane.h, plane.w, false) + 1;
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

struct Names {
  const char *name, *class_name, *inverse, *inverse_class;
  kernels::Wavelet wavelet;
  std::uint16_t wire_id;
};
constexpr Names kCdf53 = {"cdf53", "WaveletCDF53", "cdf53_inverse", "WaveletCDF53Inverse", kernels::Wavelet::cdf53, 5};
constexpr Names kHaar = {"haar", "WaveletHaar", "haar_inverse", "WaveletHaarInverse", kernels::Wavelet::haar, 7};

std::uint32_t checked_levels(const Names& names, std::int64_t levels, std::int64_t lowest) {
  if (levels >= lowest && std::cmp_less_equal(levels, kernels::kMaxLevels)) return static_cast<std::uint32_t>(levels);
  throw Error(ErrorCode::bad_parameter, std::string(names.name) + ": levels is 0 to 32, not " + std::to_string(levels));
}

class WaveletForward final : public SystemBase {
 public:
  WaveletForward(const Names& names, const Params& params)
      : SystemBase({.name = names.name,
                    .role = Role::forward,
                    .inputs = {{Kind::planes, ""}},
                    .outputs = {{Kind::bands, "WaveletPyr"}}},
                   params),
        names_(names),
        levels_(checked_levels(names, params.integer("levels"), 0)) {}

  [[nodiscard]] std::uint32_t levels() const noexcept { return levels_; }
  [[nodiscard]] std::shared_ptr<const System> inverse() const override;

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena& arena,
                              const Limits& limits) const override {
    require_planes(input, limits);
    const Shape& s = input.shape;
    return {Kind::bands, input.dtype, Shape{s[0], s[1] * s[2]}, subbands(s, levels_, arena)};
  }

  void run(Group& group) const override {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    note_clamp(group);
    const TensorRef in = group.batch();
    const TensorRef out = group.output(spec);
    if (spec.dtype == DType::f32) return forward<float>(group, names_.wavelet, levels_, in, out);
    if (spec.dtype == DType::i16) return forward<std::int16_t>(group, names_.wavelet, levels_, in, out);
    forward<std::int32_t>(group, names_.wavelet, levels_, in, out);
  }

 private:
  void note_clamp(Group& group) const {
    const Plane plane = plane_of(group.spec().shape);
    const std::uint32_t fit = kernels::clamp_levels(plane.h, plane.w, levels_);
    if (fit != levels_) group.note("levels clamped from " + std::to_string(levels_) + " to " + std::to_string(fit));
  }
  const Names& names_;
  std::uint32_t levels_;
};

class WaveletInverse final : public SystemBase {
 public:
  /// Takes the levels from the stream.
  explicit WaveletInverse(const Names& names) : SystemBase(contract_of(names)), names_(names), levels_(-1) {}
  WaveletInverse(const Names& names, const Params& params)
      : SystemBase(contract_of(names), params), names_(names), levels_(params.integer("levels")) {
    if (levels_ != -1) (void)checked_levels(names, levels_, 0);
  }

  void run(Group& group) const override {
    const Spec& planes = group.undone_step(0)->input;
    const std::uint32_t levels = levels_of(group);
    const TensorRef in = group.batch();
    const TensorRef out = group.output(planes);
    if (planes.dtype == DType::f32) return backward<float>(group, names_.wavelet, levels, planes.shape, in, out);
    if (planes.dtype == DType::i16) return backward<std::int16_t>(group, names_.wavelet, levels, planes.shape, in, out);
    backward<std::int32_t>(group, names_.wavelet, levels, planes.shape, in, out);
  }

 private:
  static Contract contract_of(const Names& names) {
    return {.name = names.inverse,
            .role = Role::inverse,
            .inputs = {{Kind::bands, ""}},
            .outputs = {{Kind::planes, ""}},
            .inverse_of = names.name};
  }
  std::uint32_t levels_of(const Group& group) const {
    const auto& forward = dynamic_cast<const WaveletForward&>(*group.undone_step(0)->system);
    if (levels_ == -1 || std::cmp_equal(levels_, forward.levels())) return forward.levels();
    throw Error(ErrorCode::contract, std::string(names_.inverse) + " was asked for " + std::to_string(levels_) +
                                         " levels, but the stream has " + std::to_string(forward.levels()));
  }
  const Names& names_;
  std::int64_t levels_;
};

void register_pair(const Names& names, const char* doc) {
  register_system(
      {names.name,
       names.class_name,
       doc,
       names.wire_id,
       {{"levels", WaveletOptions{}.levels, "decompositions, 0 to 32; clamped where a plane is too small", 1}},
       [&names](const Params& p) { return std::make_shared<WaveletForward>(names, p); }});
  register_system({names.inverse,
                   names.inverse_class,
                   std::string("Undoes ") + names.name + ".",
                   static_cast<std::uint16_t>(names.wire_id + 1),
                   {{"levels", std::int64_t{-1}, "must be the stream's; -1 takes them from it", 0}},
                   [&names](const Params& p) { return std::make_shared<WaveletInverse>(names, p); }});
}

ParamList levels(const WaveletOptions& options) { return {{"levels", options.levels}}; }

std::shared_ptr<const System> WaveletForward::inverse() const { return std::make_shared<WaveletInverse>(names_); }

}  // namespace

void register_wavelet() {
  register_pair(kCdf53,
                "CDF 5/3 wavelet: float with near-orthonormal scaling, or JPEG 2000's reversible one on integers.");
  register_pair(kHaar, "Haar wavelet: orthonormal float, or the S-transform on integers.");
}

SystemPtr WaveletCDF53(const WaveletOptions& options) { return make_system("cdf53", levels(options)); }
SystemPtr WaveletCDF53Inverse(const WaveletOptions& options) { return make_system("cdf53_inverse", levels(options)); }
SystemPtr WaveletHaar(const WaveletOptions& options) { return make_system("haar", levels(options)); }
SystemPtr WaveletHaarInverse(const WaveletOptions& options) { return make_system("haar_inverse", levels(options)); }

}  // namespace vaerans
