#include "vaerans/systems/restore.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/wire_ids.hpp"
#include "kernels/restoration/restoration.hpp"
#include "systems/builtin.hpp"
#include "systems/memory_limit.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

// Finer steps leave too little noise to be worth the time: a hundredth of a dB over photos.
constexpr double kFinestRestored = 8;

// Pixels restored while the wavelet coder decodes one: 0.11 µs each on one core, for 0.3 to 0.4 µs.
constexpr std::uint64_t kRestoredInTime = 3;

class RestoreSystem final : public DescribedSystem {
 public:
  explicit RestoreSystem(const Settings<RestoreOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, "Unrestored"}}}),
        options_(s.options) {}

  /// The strength follows the quantiser's step; the step itself is not this system's.
  [[nodiscard]] std::shared_ptr<const System> with_step(double step) const override {
    RestoreOptions options = options_;
    options.strength = step < kFinestRestored ? 0 : strength_of(step);
    return vaerans::Restore(options);
  }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    if (!side_info.empty())
      throw Error(ErrorCode::corrupt_stream, "restore has no side information, but some is there");
    const Shape& s = input.shape;
    if (input.kind == Kind::planes && input.dtype == DType::f32 && s.rank() == 3 && (s[0] == 1 || s[0] == 3))
      return {Kind::planes, DType::f32, s, {}};
    throw Error(ErrorCode::shape, "restore needs the planes (C, H, W) f32 of ycocg, C = 3 or 1, not " + s.str() + " " +
                                      std::string(dtype_name(input.dtype)));
  }

  [[nodiscard]] std::optional<std::uint64_t> halo() const override { return kernels::kRestorationReach; }

  void check_undo(const TrailStep& step, const Limits& limits) const override {
    require_memory(
        2 * step.input.shape.elements() * sizeof(float) + thread_count(0) * kernels::RestorationBuffers::kBytes,
        limits);
  }

  [[nodiscard]] std::uint64_t undo_pixels(const TrailStep& step) const override {
    return restores() ? step.input.shape[1] * step.input.shape[2] / kRestoredInTime : 0;
  }

  /// Nothing is done to what is coded.
  void run(Group& group) const override {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    const auto in = group.view<float>(group.batch());
    std::ranges::copy(in, group.view<float>(group.output(spec)).begin());
  }

  [[nodiscard]] bool restores() const noexcept { return options_.strength != 0; }
  [[nodiscard]] kernels::RestorationNet net() const {
    return {options_.visual ? 1 : 0, static_cast<int>(options_.strength)};
  }

 private:
  static std::int64_t strength_of(double step) {
    const double strength = std::round(16 * std::log2(step / 4));
    return static_cast<std::int64_t>(std::min(strength, double{kernels::kMostRestoration}));
  }

  RestoreOptions options_;
};

class RestoreInverseSystem final : public DescribedSystem {
 public:
  explicit RestoreInverseSystem(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, ""}}, .inverse_of = "restore"}) {
  }

  void run(Group& group) const override {
    const Shape shape = group.undone_step(0)->input.shape;
    const auto in = group.view<float>(group.batch());
    const auto out = group.view<float>(group.output({Kind::planes, DType::f32, shape, {}}));
    const std::size_t n = shape.elements();
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto& forward = dynamic_cast<const RestoreSystem&>(*group.undone_step(i)->system);
      if (!forward.restores()) {
        std::ranges::copy(in.subspan(i * n, n), out.begin() + static_cast<std::ptrdiff_t>(i * n));
        continue;
      }
      restore(forward.net(), {in.data() + i * n, out.data() + i * n, shape[0], shape[1], shape[2]},
              group.context().threads);
    }
  }

 private:
  static void restore(const kernels::RestorationNet& net, const kernels::RestoredPlanes& planes, unsigned threads) {
    const kernels::Restorer restorer(net, planes);
    const std::size_t blocks = kernels::restoration_blocks(planes.height, planes.width);
    std::vector<kernels::RestorationBuffers> buffers(slot_count(threads, blocks));
    parallel_for(threads, blocks, [&](std::size_t block, std::size_t slot) { restorer.block(block, buffers[slot]); });
  }
};

const Descriptor<RestoreOptions>& forward() {
  static const Descriptor<RestoreOptions> descriptor{
      .name = "restore",
      .class_name = "Restore",
      .topic = "restore",
      .doc =
          "Restoration of wavelet pictures: planes (C, H, W) float32 of YCoCg, C = 3 or 1 → the same planes.\n\n"
          "Coding is not changed; the inverse adds to decoded planes what a small network of four 3 × 3 convolutions "
          "at half the resolution, in integers, expects the quantiser to have taken away. Its weights were trained on "
          "photos and are part of the format. Used between YCoCg and WaveletCDF97. Every machine restores the same "
          "samples. After the loop filters of video codecs, with learned weights (Dai, Liu, Wu 2017).",
      .inverse = "restore_inverse",
      .wire_id = wire::restore,
      .params = {{"strength", &RestoreOptions::strength, ParamRange::from(0).up_to(kernels::kMostRestoration),
                  "16 log2(step / 4) of the quantiser's step, rounded; 0: planes stay as they are",
                  wire::restore_strength},
                 {"visual",
                  &RestoreOptions::visual,
                  {},
                  "weights for looks (SSIMULACRA2), not for the least error",
                  wire::restore_visual}},
      .make = make_of<RestoreSystem>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{.name = "restore_inverse",
                                       .class_name = "RestoreInverse",
                                       .topic = "restore",
                                       .doc = "Undoes Restore: decoded planes (C, H, W) float32 → restored planes.",
                                       .role = Role::inverse,
                                       .make = make_of<RestoreInverseSystem>};
  return descriptor;
}

}  // namespace

void register_restore() {
  register_system(forward().entry());
  register_system(inverse().entry());
}

SystemPtr Restore(const RestoreOptions& options) { return forward()(options); }
SystemPtr RestoreInverse() { return inverse()(); }

}  // namespace vaerans
