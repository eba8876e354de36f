#include "api/compress/options.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "api/dial/dial.hpp"
#include "api/preview/content.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/params.hpp"

namespace vaerans {
namespace {

[[noreturn]] void bad(const std::string& what) { throw Error(ErrorCode::bad_parameter, what); }

void check_targets(const CompressOptions& o) {
  if (o.psnr && !(*o.psnr > 0 && *o.psnr <= 200))
    bad("the PSNR is above 0 and at most 200, not " + to_string(ParamValue{*o.psnr}));
  if (o.ssimulacra2 && !(*o.ssimulacra2 <= 100))
    bad("SSIMULACRA2 is at most 100, not " + to_string(ParamValue{*o.ssimulacra2}));
  if (o.ms_ssim && !(*o.ms_ssim > 0 && *o.ms_ssim <= 1))
    bad("MS-SSIM is above 0 and at most 1, not " + to_string(ParamValue{*o.ms_ssim}));
  const bool searched = is_searched_for(o);
  if (searched && (o.lossless || o.residual_step))
    bad("a residual stream changes the size and the quality: no bpp, target size or target quality with it");
  if (searched && o.digest) bad("no digest with a target that is searched for: give a quality or a step");
  constexpr std::array<std::string_view, 2> kTunes{"visual", "psnr"};
  if (std::ranges::find(kTunes, o.tune) == kTunes.end()) bad("tune is visual or psnr, not '" + o.tune + "'");
}

}  // namespace

void require_sound(const CompressOptions& o) {
  const int targets = o.quality.has_value() + o.step.has_value() + o.bpp.has_value() + o.target_bytes.has_value() +
                      o.psnr.has_value() + o.ssimulacra2.has_value() + o.ms_ssim.has_value();
  if (targets > 1) bad("give one of quality, step, bpp, target size, PSNR, SSIMULACRA2 and MS-SSIM, not several");
  if (o.max_error && (targets != 0 || o.residual_step || !o.recipe.empty()))
    bad("a largest error decides everything: no quality, step, bpp, target size, residual step or recipe with it");
  if (o.max_error && o.lossless && *o.max_error != 0) bad("lossless means a largest error of 0");
  if (o.quality && !(*o.quality >= 1 && *o.quality <= 100))
    bad("quality is 1 to 100, not " + to_string(ParamValue{*o.quality}));
  if (o.step && !(*o.step > 0)) bad("step is above 0, not " + to_string(ParamValue{*o.step}));
  if (o.bpp && !(*o.bpp > 0 && *o.bpp <= 1000))
    bad("bpp is above 0 and at most 1000, not " + to_string(ParamValue{*o.bpp}));
  if (o.target_bytes && *o.target_bytes == 0) bad("the target size is at least 1 byte");
  if (o.residual_step && *o.residual_step < 1)
    bad("the residual step is at least 1, not " + std::to_string(*o.residual_step));
  if (o.lossless && o.residual_step && *o.residual_step != 1) bad("lossless means a residual step of 1");
  if (o.preview_bytes) require_preview_bytes(*o.preview_bytes);
  if (o.effort < least_effort || o.effort > most_effort) bad("effort is 1 to 9, not " + std::to_string(o.effort));
  check_targets(o);
}

}  // namespace vaerans
