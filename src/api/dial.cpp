#include "api/dial.hpp"

#include <algorithm>
#include <cmath>

#include "vaerans/base/error.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"
#include "vaerans/systems/ycocg.hpp"

namespace vaerans {
namespace {

// Below this quality, or this many bits per pixel, the model's pictures look better than the wavelet's. What is left of
// the dial for the model are its qualities from 10 to 55: files and PSNR then stay below those of the wavelet's first.
constexpr double kWaveletFrom = 25, kWaveletFromBpp = 0.1, kModelFrom = 10, kModelTo = 55;
constexpr double kExactFrom = 100;

// What "auto" means for a request.
Mode chosen_mode(const CompressOptions& o, std::optional<double> least_bpp) {
  if (o.quality && *o.quality >= kExactFrom) return Mode::pixel;
  const bool low = (o.quality && *o.quality < kWaveletFrom) || (least_bpp && *least_bpp < kWaveletFromBpp);
  return low ? Mode::model : Mode::wavelet;
}

[[noreturn]] void bad(const std::string& what) { throw Error(ErrorCode::bad_parameter, what); }

void check_pixel_mode(const CompressOptions& o) {
  if ((o.quality && *o.quality < kExactFrom) || o.step || o.bpp || o.target_bytes || o.psnr || o.residual_step)
    bad("mode pixel is lossless, or takes a largest error: no rate or residual step with it");
}

// Whether the pixel coder makes the file: for a largest error, and for lossless files that are not told what to build
// on.
bool exactness_asked(const CompressOptions& o) {
  const bool on_a_base = o.quality || o.step || o.residual_step || !o.recipe.empty();
  return o.max_error || (o.lossless && !on_a_base);
}

}  // namespace

Mode mode_of(const CompressOptions& o, std::optional<double> least_bpp) {
  const bool known = o.mode == "auto" || o.mode == "model" || o.mode == "wavelet" || o.mode == "pixel";
  if (!known) bad("mode is auto, model, wavelet or pixel, not '" + o.mode + "'");
  if (o.mode != "model" && !o.recipe.empty()) bad("a recipe says which coder to use: no mode with it");
  if (exactness_asked(o)) return Mode::pixel;
  if (o.mode == "auto") return chosen_mode(o, least_bpp);
  if (o.mode == "wavelet") return Mode::wavelet;
  if (o.mode == "model") return Mode::model;
  check_pixel_mode(o);
  return Mode::pixel;
}

Pipeline band_pipeline() {
  return Pipeline(YCoCg()) | WaveletCDF97({.levels = 6}) | QuantizeBands() | ANSEncode({.coder = "mixing"});
}

double band_step_of_quality(double quality) { return 4 * std::exp2((95 - quality) / 15); }

double model_quality_of(double quality) {
  return std::min(kModelFrom + quality * (kModelTo - kModelFrom) / kWaveletFrom, kModelTo);
}

double step_of_trial(int trial) { return 1024 * std::exp2(-trial / 64.0); }

int last_within(int most, const std::function<double(int)>& excess) {
  constexpr int kQuick = 6;  // then by halves, whatever the sizes do
  int low = -1, high = most + 1, at = most * 2 / 5;
  for (int trial = 0; high - low > 1; ++trial) {
    const double over = excess(at);
    (over <= 0 ? low : high) = at;
    const double aim = at - std::clamp(over, -12.0, 12.0) * 64 + (over <= 0 ? 2 : -2);  // a little beyond: brackets
    at = trial < kQuick ? static_cast<int>(std::lround(aim)) : low + (high - low) / 2;
    at = std::clamp(at, low + 1, std::max(low + 1, high - 1));
  }
  return low;
}

}  // namespace vaerans
