// Picture quality: numbers into the entity's metadata and the trace. Parameters, shapes and errors:
// docs/reference/systems.md.
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
  bool gaussian = true;
};
struct MSSSIMOptions {
  std::string ref = "RGB";
  std::string test = "ReconRGB";
  std::string channels = "luma";  ///< or "rgb"
};

/// "psnr" in dB.
[[nodiscard]] SystemPtr MetricPSNR(const MetricOptions& options = {});
/// "ssim", 1 for equal pictures.
[[nodiscard]] SystemPtr MetricSSIM(const SSIMOptions& options = {});
/// "ms_ssim" of luma, "ms_ssim_rgb" of the three channels; 1 for equal pictures.
[[nodiscard]] SystemPtr MetricMSSSIM(const MSSSIMOptions& options = {});
/// "ssimulacra2", 100 for equal pictures.
[[nodiscard]] SystemPtr MetricSSIMULACRA2(const MetricOptions& options = {});

}  // namespace vaerans
