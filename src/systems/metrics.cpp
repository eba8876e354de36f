#include "vaerans/systems/metrics.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "kernels/metrics/metrics.hpp"
#include "kernels/pixels/pixels.hpp"
#include "kernels/ssimulacra2/ssimulacra2.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

kernels::ImageView image_of(Group& group, std::size_t port, std::size_t i) {
  const Shape& shape = group.spec(port).shape;
  return {group.item<std::uint8_t>(port, i).data(), shape[0], shape[1], shape[2], shape[1] * shape[2]};
}

// What the metrics share: two pictures of one shape in, one number for each entity out.
class Metric : public DescribedSystem {
 public:
  template <typename Options>
  explicit Metric(const Settings<Options>& s)
      : DescribedSystem(s, {.inputs = {{Kind::image, s.options.ref}, {Kind::image, s.options.test}}, .outputs = {}}) {}

  void run(Group& group) const override {
    if (group.spec(0).shape != group.spec(1).shape) {
      throw Error(ErrorCode::shape,
                  "the pictures differ in shape: " + group.spec(0).shape.str() + " and " + group.spec(1).shape.str());
    }
    measure(group);
  }

 private:
  virtual void measure(Group& group) const = 0;
};

[[noreturn]] void too_small(const char* metric, std::size_t window) {
  throw Error(ErrorCode::shape, std::string(metric) + " needs pictures of at least " + std::to_string(window) + " x " +
                                    std::to_string(window) + " pixels");
}

class PSNR final : public Metric {
 public:
  explicit PSNR(const Settings<MetricOptions>& s) : Metric(s) {}

 private:
  void measure(Group& group) const override {
    for (std::size_t i = 0; i < group.size(); ++i) {
      group.measured(i, "psnr", kernels::psnr(image_of(group, 0, i), image_of(group, 1, i)));
    }
  }
};

class SSIM final : public Metric {
 public:
  explicit SSIM(const Settings<SSIMOptions>& s)
      : Metric(s), window_(s.options.gaussian ? kernels::SsimWindow::gaussian11 : kernels::SsimWindow::uniform7) {}

 private:
  void measure(Group& group) const override {
    const std::size_t scratch = kernels::ssim_scratch_size(group.spec().shape[1], window_);
    const SlotWorkspaces workspaces(group, "ssim", Workspace::bytes<double>(scratch));
    RecycledVector<kernels::SsimResult> results(group.size());
    parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t slot) {
      Workspace work = workspaces.of_slot(slot);
      results[i] = kernels::ssim(image_of(group, 0, i), image_of(group, 1, i), window_, work.take<double>(scratch));
    });
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (results[i].status == kernels::Status::too_small) too_small("ssim", kernels::window_size(window_));
      require_ok(results[i].status, "ssim");
      group.measured(i, "ssim", results[i].value);
    }
  }
  kernels::SsimWindow window_;
};

class MSSSIM final : public Metric {
 public:
  explicit MSSSIM(const Settings<MSSSIMOptions>& s) : Metric(s), luma_(s.options.channels == "luma") {}

 private:
  void measure(Group& group) const override {
    const Shape& shape = group.spec().shape;
    const SlotWorkspaces workspaces(group, "ms_ssim", work_bytes(shape[0], shape[1]));
    RecycledVector<kernels::MsSsimResult> results(group.size());
    parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t slot) {
      results[i] = compare(image_of(group, 0, i), image_of(group, 1, i), workspaces.of_slot(slot));
    });
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (results[i].status == kernels::Status::too_small) too_small("ms_ssim", 11);
      require_ok(results[i].status, "ms_ssim");
      if (results[i].scales < kernels::kMsSsimScales) {
        group.note("ms_ssim over " + std::to_string(results[i].scales) + " scales: the picture is below 176 pixels");
      }
      group.measured(i, name_, results[i].value);
      group.measured(i, "ms_ssim_scales", static_cast<double>(results[i].scales));
    }
  }

  [[nodiscard]] std::size_t work_bytes(std::size_t height, std::size_t width) const {
    return Workspace::bytes<double>(kernels::ms_ssim_scratch_size(height, width)) +
           (luma_ ? 2 * Workspace::bytes<std::uint8_t>(height * width) : 0);
  }

  [[nodiscard]] kernels::MsSsimResult compare(kernels::ImageView a, kernels::ImageView b, Workspace work) const {
    const auto scratch = work.take<double>(kernels::ms_ssim_scratch_size(a.height, a.width));
    if (!luma_) return kernels::ms_ssim(a, b, scratch);
    return kernels::ms_ssim(luma_of(a, work), luma_of(b, work), scratch);
  }

  [[nodiscard]] static kernels::ImageView luma_of(kernels::ImageView image, Workspace& work) {
    const auto out = work.take<std::uint8_t>(image.height * image.width);
    require_ok(kernels::luma_bt601(image, out), "luma");
    return {out.data(), image.height, image.width, 1, image.width};
  }

  bool luma_;
  const char* name_ = luma_ ? "ms_ssim" : "ms_ssim_rgb";
};

class SSIMULACRA2 final : public Metric {
 public:
  explicit SSIMULACRA2(const Settings<MetricOptions>& s) : Metric(s) {}

 private:
  void measure(Group& group) const override {
    const Shape& shape = group.spec().shape;
    const std::size_t scratch = kernels::ssimulacra2_scratch_size(shape[0], shape[1]);
    const SlotWorkspaces workspaces(group, "ssimulacra2", Workspace::bytes<double>(scratch));
    RecycledVector<kernels::Ssimulacra2Result> results(group.size());
    parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t slot) {
      Workspace work = workspaces.of_slot(slot);
      results[i] = kernels::ssimulacra2(image_of(group, 0, i), image_of(group, 1, i), work.take<double>(scratch));
    });
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (results[i].status == kernels::Status::too_small) too_small("ssimulacra2", kernels::kSsimulacra2Least);
      require_ok(results[i].status, "ssimulacra2");
      if (results[i].scales < kernels::kSsimulacra2Scales) {
        group.note("ssimulacra2 over " + std::to_string(results[i].scales) +
                   " scales: the picture is below 225 pixels");
      }
      group.measured(i, "ssimulacra2", results[i].value);
    }
  }
};

template <typename Options>
Option<Options> reference() {
  return {"ref", &Options::ref, ParamRange::key(), "the reference picture"};
}
template <typename Options>
Option<Options> tested() {
  return {"test", &Options::test, ParamRange::key(), "the picture under test"};
}

const Descriptor<MetricOptions>& psnr() {
  static const Descriptor<MetricOptions> descriptor{
      .name = "psnr",
      .class_name = "MetricPSNR",
      .topic = "metrics",
      .doc = "Peak signal-to-noise ratio: 'psnr', in dB over all 8-bit samples.\n\nInfinity for equal pictures.",
      .role = Role::measure,
      .params = {reference<MetricOptions>(), tested<MetricOptions>()},
      .make = make_of<PSNR>};
  return descriptor;
}

const Descriptor<SSIMOptions>& ssim() {
  static const Descriptor<SSIMOptions> descriptor{
      .name = "ssim",
      .class_name = "MetricSSIM",
      .topic = "metrics",
      .doc =
          "Structural similarity (Wang 2004): 'ssim', mean over R, G, B.\n\n"
          "Equal to scikit-image's structural_similarity with the same options. Raises ShapeError for pictures "
          "smaller than the window.",
      .role = Role::measure,
      .params = {reference<SSIMOptions>(),
                 tested<SSIMOptions>(),
                 {"gaussian",
                  &SSIMOptions::gaussian,
                  {},
                  "11×11 Gaussian window, σ = 1.5; else a uniform 7×7 window with sample covariance"}},
      .make = make_of<SSIM>};
  return descriptor;
}

const Descriptor<MSSSIMOptions>& ms_ssim() {
  static const Descriptor<MSSSIMOptions> descriptor{
      .name = "ms_ssim",
      .class_name = "MetricMSSSIM",
      .topic = "metrics",
      .doc =
          "Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003): 'ms_ssim', or 'ms_ssim_rgb' with "
          "channels=rgb.\n\n"
          "Five scales; fewer, with renormalised weights and a note in the trace, below 176 pixels: "
          "'ms_ssim_scales' says how many. Raises ShapeError below 11 pixels.",
      .role = Role::measure,
      .params = {reference<MSSSIMOptions>(),
                 tested<MSSSIMOptions>(),
                 {"channels", &MSSSIMOptions::channels, ParamRange::one_of({"luma", "rgb"}),
                  "luma: BT.601, 8 bit; rgb: mean of the three"}},
      .make = make_of<MSSSIM>};
  return descriptor;
}

const Descriptor<MetricOptions>& ssimulacra2() {
  static const Descriptor<MetricOptions> descriptor{
      .name = "ssimulacra2",
      .class_name = "MetricSSIMULACRA2",
      .topic = "metrics",
      .doc =
          "Visible loss by SSIMULACRA 2.1 (Sneyers, Cloudinary 2023): 'ssimulacra2'.\n\n"
          "100 for equal pictures; 90: no difference seen side by side, 70: high quality, 50: medium, 30: low; no "
          "lower end. Equal to the Python package ssimulacra2 within 0.1. Six scales; fewer below 225 pixels, with a "
          "note in the trace, where numbers are not comparable. Raises ShapeError below 8 pixels.",
      .role = Role::measure,
      .params = {reference<MetricOptions>(), tested<MetricOptions>()},
      .make = make_of<SSIMULACRA2>};
  return descriptor;
}

}  // namespace

void register_metrics() {
  register_system(psnr().entry());
  register_system(ssim().entry());
  register_system(ms_ssim().entry());
  register_system(ssimulacra2().entry());
}

SystemPtr MetricPSNR(const MetricOptions& options) { return psnr()(options); }
SystemPtr MetricSSIM(const SSIMOptions& options) { return ssim()(options); }
SystemPtr MetricMSSSIM(const MSSSIMOptions& options) { return ms_ssim()(options); }
SystemPtr MetricSSIMULACRA2(const MetricOptions& options) { return ssimulacra2()(options); }

}  // namespace vaerans
