// Picture quality: numbers into the entity's metadata and the trace.
#pragma once

#include <string>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct MetricOptions {
  std::string ref = "RGB";
  std::string test = "ReconRGB";
};
struct SSIMOptions {
  std::string ref = "RGB";
  std::string test = "ReconRGB";
  bool gaussian = true;  ///< 11×11 Gaussian window, σ = 1.5 (Wang 2004); false: uniform 7×7, sample covariance
};
struct MSSSIMOptions {
  std::string ref = "RGB";
  std::string test = "ReconRGB";
  std::string channels = "luma";  ///< "luma" (BT.601, 8 bit) or "rgb" (mean of three)
};

/// "psnr" in dB over all 8-bit samples; infinity for equal pictures.
[[nodiscard]] SystemPtr MetricPSNR(const MetricOptions& options = {});
/// "ssim", mean over R, G, B; equal to scikit-image's structural_similarity with the same options.
[[nodiscard]] SystemPtr MetricSSIM(const SSIMOptions& options = {});
/// "ms_ssim" after Wang, Simoncelli, Bovik 2003: five scales. Below 176 pixels fewer, with renormalised weights and a
/// note in the trace.
[[nodiscard]] SystemPtr MetricMSSSIM(const MSSSIMOptions& options = {});

}  // namespace vaerans
