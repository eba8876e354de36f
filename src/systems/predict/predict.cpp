#include "vaerans/systems/predict.hpp"

#include <algorithm>
#include <vector>

#include "coding/effort.hpp"
#include "coding/mixing/pixel_grid.hpp"
#include "coding/mixing/pixel_planes.hpp"
#include "coding/mixing/pixel_side.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "coding/mixing/tiles/graphic.hpp"
#include "core/wire_ids.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

class PredictSystem final : public DescribedSystem {
 public:
  explicit PredictSystem(const Settings<PredictOptions>& s)
      : DescribedSystem(
            s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::symbols, "SymbolsU8"}}, .any_picture = true}),
        max_error_(static_cast<int>(s.options.max_error)),
        models_(effort_of(s.options.effort).pixels) {}

  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override {
    return std::make_shared<PixelGrid>(max_error_, models_);
  }
  [[nodiscard]] bool exact() const override { return max_error_ == 0; }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    require_any_picture(input, "predict");
    if (!side_info.empty())
      throw Error(ErrorCode::corrupt_stream, "predict has no side information, but some is there");
    return {Kind::symbols, input.dtype, Shape{input.shape[2], input.shape[0], input.shape[1]}, {}};
  }

  void run(Group& group) const override {
    group.spec().dtype == DType::u16 ? run_on<std::uint16_t>(group) : run_on<std::uint8_t>(group);
  }

 private:
  template <typename Sample>
  void run_on(Group& group) const {
    const Spec spec = describe(group.spec(), {}, group.arena(), group.context().limits);
    const auto in = group.view<Sample>(group.batch());
    const auto out = group.view<Sample>(group.output(spec));
    const std::size_t n = spec.shape.elements();
    for_each_entity(group, [&](std::size_t i) {
      to_planes(std::span<const Sample>(in.subspan(i * n, n)), spec.shape[0], out.subspan(i * n, n));
      if (max_error_ == 0) return;
      quantize(PixelPlanes<Sample>{out.subspan(i * n, n), spec.shape[1], spec.shape[2]}, group.context().threads);
    });
  }

  template <typename Sample>
  [[nodiscard]] TilePlan plan(const PixelPlanes<Sample>& planes) const {
    return {.side_log = TilePlan::side_log_for(planes.height, planes.width),
            .max_error = max_error_,
            .bits = 8 * static_cast<int>(sizeof(Sample)),
            .choice = models_};
  }
  template <typename Sample>
  void move(PixelPlanes<Sample> planes, unsigned threads) const {
    quantize_tiles(planes, plan(planes), threads);
  }
  void quantize(PixelPlanes<std::uint16_t> planes, unsigned threads) const { move(planes, threads); }
  // Graphics repeat, and samples that are moved do so less: they stay exact where that takes no more bytes, of a large
  // picture where it does so of a sample.
  void quantize(PixelPlanes<std::uint8_t> planes, unsigned threads) const {
    const PixelPlanes<const std::uint8_t> whole{planes.samples, planes.height, planes.width};
    const auto size = [&](const PlaneSample& of) {
      return coded_size({of.samples, of.height, of.width}, plan(planes), threads);
    };
    if (graphic_of(whole) == Graphic::no) return move(planes, threads);
    PlaneSample sample = trial_sample_of(whole, models_);
    const bool all = sample.samples.empty();
    if (all) sample = {{planes.samples.begin(), planes.samples.end()}, planes.height, planes.width};
    const std::size_t exact = size(sample);
    move(PixelPlanes<std::uint8_t>{sample.samples, sample.height, sample.width}, threads);
    if (exact <= size(sample)) return;
    if (all) return void(std::ranges::copy(sample.samples, planes.samples.begin()));
    move(planes, threads);
  }

  int max_error_;
  ModelChoice models_;
};

class PredictInverseSystem final : public DescribedSystem {
 public:
  explicit PredictInverseSystem(const Settings<NoOptions>& s)
      : DescribedSystem(
            s, {.inputs = {{Kind::symbols, ""}}, .outputs = {{Kind::image, "ReconRGB"}}, .inverse_of = "predict"}) {}

  void run(Group& group) const override {
    const Spec& target = group.undone_step(0)->input;
    target.dtype == DType::u16 ? run_on<std::uint16_t>(group, target) : run_on<std::uint8_t>(group, target);
  }

 private:
  template <typename Sample>
  static void run_on(Group& group, const Spec& target) {
    const auto in = group.view<Sample>(group.batch());
    const auto out = group.view<Sample>(group.output(target));
    const std::size_t n = target.shape.elements();
    for_each_entity(group, [&](std::size_t i) {
      to_pixels(std::span<const Sample>(in.subspan(i * n, n)), target.shape[2], out.subspan(i * n, n));
    });
  }
};

const Descriptor<PredictOptions>& forward() {
  static const Descriptor<PredictOptions> descriptor{
      .name = "predict",
      .class_name = "Predict",
      .topic = "predict",
      .doc =
          "Planes of a picture for the pixel coder: RGB (H, W, C), C = 3 or 1 (grey), uint8 or uint16 → SymbolsU8 "
          "(C, H, W) of the same type.\n\n"
          "The planes are G, R, B, in the order in which ANSEncode with the coder mixing takes them, or the one of "
          "grey. With max_error = 0 they are exact; above, each sample goes to the nearest point of a grid of step "
          "2 · max_error + 1 around its prediction from the samples before it, as in near-lossless JPEG-LS (ISO/IEC "
          "14495-1). The coder makes the same predictions.",
      .inverse = "predict_inverse",
      .wire_id = wire::predict,
      .params = {{"max_error", &PredictOptions::max_error, ParamRange::from(0).up_to(kernels::kMostError),
                  "how far a sample may be moved, in grey levels; 0: exact", wire::predict_max_error},
                 {"effort", &PredictOptions::effort, ParamRange::from(least_effort).up_to(most_effort),
                  "how much time the coder takes for smaller files, to decode, too: up to 2 the fast model, from 8 on "
                  "the dense one",
                  never_in_files}},
      .make = make_of<PredictSystem>};
  return descriptor;
}

const Descriptor<>& inverse() {
  static const Descriptor<> descriptor{.name = "predict_inverse",
                                       .class_name = "PredictInverse",
                                       .topic = "predict",
                                       .doc = "Undoes Predict: SymbolsU8 (C, H, W) → ReconRGB (H, W, C).",
                                       .role = Role::inverse,
                                       .make = make_of<PredictInverseSystem>};
  return descriptor;
}

}  // namespace

void register_predict() {
  register_system(forward().entry());
  register_system(inverse().entry());
}

SystemPtr Predict(const PredictOptions& options) { return forward()(options); }
SystemPtr PredictInverse() { return inverse()(); }

}  // namespace vaerans
