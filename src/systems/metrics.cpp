#include "vaerans/systems/metrics.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "kernels/metrics/metrics.hpp"
#include "kernels/pixels/pixels.hpp"
#include "systems/builtin.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

kernels::ImageView image_of(Group& group, std::size_t port, std::size_t i) {
  const Shape& shape = group.spec(port).shape;
  return {group.item<std::uint8_t>(port, i).data(), shape[0], shape[1], shape[2], shape[1] * shape[2]};
}

// What the three metrics share: two pictures of one shape in, one number for each entity out.
class Metric : public SystemBase {
 public:
  Metric(const char* name, const Params& params)
      : SystemBase({.name = name,
                    .role = Role::measure,
                    .inputs = {{Kind::image, params.text("ref")}, {Kind::image, params.text("test")}},
                    .outputs = {}},
                   params) {}

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
  explicit PSNR(const Params& params) : Metric("psnr", params) {}

 private:
  void measure(Group& group) const override {
    for (std::size_t i = 0; i < group.size(); ++i) {
      group.measured(i, "psnr", kernels::psnr(image_of(group, 0, i), image_of(group, 1, i)));
    }
  }
};

class SSIM final : public Metric {
 public:
  explicit SSIM(const Params& params)
      : Metric("ssim", params),
        window_(params.flag("gaussian") ? kernels::SsimWindow::gaussian11 : kernels::SsimWindow::uniform7) {}

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
  explicit MSSSIM(const Params& params) : Metric("ms_ssim", params), luma_(params.text("channels") == "luma") {
    if (!luma_ && params.text("channels") != "rgb") {
      throw Error(ErrorCode::bad_parameter, "ms_ssim: channels is luma or rgb, not " + params.text("channels"));
    }
  }

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
      group.measured(i, "ms_ssim", results[i].value);
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
};

std::vector<ParamSpec> pair_params() {
  return {{"ref", MetricOptions{}.ref, "key of the reference picture", 1},
          {"test", MetricOptions{}.test, "key of the picture under test", 2}};
}

std::vector<ParamSpec> pair_and(ParamSpec extra) {
  auto out = pair_params();
  out.push_back(std::move(extra));
  return out;
}

}  // namespace

void register_metrics() {
  register_system({"psnr", "MetricPSNR", "Peak signal-to-noise ratio in dB over all samples.", 30, pair_params(),
                   [](const Params& p) { return std::make_shared<PSNR>(p); }});
  register_system({"ssim", "MetricSSIM", "Structural similarity, mean over R, G, B (Wang 2004).", 31,
                   pair_and({"gaussian", SSIMOptions{}.gaussian, "true: 11x11 Gaussian window; false: uniform 7x7", 3}),
                   [](const Params& p) { return std::make_shared<SSIM>(p); }});
  register_system({"ms_ssim", "MetricMSSSIM", "Multi-scale structural similarity (Wang 2003).", 32,
                   pair_and({"channels", MSSSIMOptions{}.channels, "luma or rgb", 3}),
                   [](const Params& p) { return std::make_shared<MSSSIM>(p); }});
}

SystemPtr MetricPSNR(const MetricOptions& o) { return make_system("psnr", {{"ref", o.ref}, {"test", o.test}}); }
SystemPtr MetricSSIM(const SSIMOptions& o) {
  return make_system("ssim", {{"ref", o.ref}, {"test", o.test}, {"gaussian", o.gaussian}});
}
SystemPtr MetricMSSSIM(const MSSSIMOptions& o) {
  return make_system("ms_ssim", {{"ref", o.ref}, {"test", o.test}, {"channels", o.channels}});
}

}  // namespace vaerans
