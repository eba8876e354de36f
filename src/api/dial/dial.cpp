#include "api/dial/dial.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "coding/effort.hpp"
#include "coding/mixing/bands/band_tiles.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/restore.hpp"
#include "vaerans/systems/wavelet.hpp"
#include "vaerans/systems/ycocg.hpp"

namespace vaerans {
namespace {

constexpr double kExactFrom = 100;
// At this quality a model's step is its latents' deviation; it halves every so many points.
constexpr double kMiddle = 50, kPointsAnOctave = 12.5;

// For visual steps: what takes the fewest bytes for an SSIMULACRA2, over photos. Zeros are seen more than they measure.
constexpr double kVisualRdo = 0.05, kMasking = 0.45;

[[noreturn]] void bad(const std::string& what) { throw Error(ErrorCode::bad_parameter, what); }

void check_pixel_mode(const CompressOptions& o) {
  if ((o.quality && *o.quality < kExactFrom) || o.step || is_searched_for(o) || o.residual_step)
    bad("mode pixel is lossless, or takes a largest error: no rate or residual step with it");
}

// Whether the pixel coder makes the file: for a largest error, and for lossless files that are not told what to build
// on.
bool exactness_asked(const CompressOptions& o) {
  const bool on_a_base = o.quality || o.step || o.residual_step || !o.recipe.empty();
  return o.max_error || (o.lossless && !on_a_base);
}

// Without a mode: a model or a recipe that is named is to be used.
std::string named_mode(const CompressOptions& o) {
  if (!o.mode.empty()) return o.mode;
  return o.model.empty() && o.recipe.empty() ? "auto" : "model";
}

}  // namespace

std::string model_of(const CompressOptions& o) {
  return o.model.empty() ? std::string(default_model_at(o.effort)) : o.model;
}

Mode mode_of(const CompressOptions& o) {
  const std::string mode = named_mode(o);
  const bool known = mode == "auto" || mode == "model" || mode == "wavelet" || mode == "pixel";
  if (!known) bad("mode is auto, model, wavelet or pixel, not '" + mode + "'");
  if (mode != "model" && !o.recipe.empty()) bad("a recipe says which coder to use: no mode with it");
  if (exactness_asked(o)) return Mode::pixel;
  if (mode == "model") return Mode::model;
  if (mode == "wavelet") return Mode::wavelet;
  if (mode == "auto") return o.quality && *o.quality >= kExactFrom ? Mode::pixel : Mode::dial;
  check_pixel_mode(o);
  return Mode::pixel;
}

bool names_measured_quality(const CompressOptions& o) { return o.psnr || o.ssimulacra2 || o.ms_ssim; }

bool is_searched_for(const CompressOptions& o) { return o.bpp || o.target_bytes || names_measured_quality(o); }

std::uint64_t wanted_bytes(const CompressOptions& o, const Shape& picture) {
  if (o.target_bytes) return *o.target_bytes;
  return static_cast<std::uint64_t>(o.bpp.value() * static_cast<double>(picture[0] * picture[1]) / 8);
}

double step_of_quality(double quality, double latent_std) {
  return latent_std * std::exp2((kMiddle - quality) / kPointsAnOctave);
}

double quality_of_step(double step, double latent_std) {
  return kMiddle - kPointsAnOctave * std::log2(step / latent_std);
}

std::int64_t band_tile(std::uint64_t height, std::uint64_t width) {
  const unsigned side_log = TilePlan::side_log_for(height, width) + 1;
  return band_tile_areas(height, width, side_log).size() > 1 ? std::int64_t{1} << side_log : 0;
}

QuantizeBandsOptions band_options(bool visual, std::int64_t effort, std::int64_t tile) {
  QuantizeBandsOptions options{
      .visual = visual, .dependent = effort_of(effort).weighs_bits, .tile = tile, .effort = effort};
  if (visual) {
    options.rdo = kVisualRdo;
    options.masking = kMasking;
  }
  return options;
}

Pipeline band_pipeline(const QuantizeBandsOptions& bands) {
  Pipeline out(YCoCg());
  // Efforts that save time do without: restoring takes a fifth of the time that decoding takes.
  if (bands.dependent) out = out | Restore({.visual = bands.visual})->with_step(bands.step);
  return out | WaveletCDF97({.levels = band_levels(bands.tile)}) | QuantizeBands(bands) |
         ANSEncode({.coder = "mixing"});
}

double band_step_of_quality(double quality) { return 4 * std::exp2((95 - quality) / 15); }

double score_of_quality(double quality) {
  constexpr double kKink = 85, kSlower = 0.6;
  return quality <= kKink ? quality : kKink + kSlower * (quality - kKink);
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

namespace {

// Where 1 - t + 4 bend t (1 - t) has fallen by `fallen`, in 0 to 1.
double part_of(double fallen, double bend) {
  if (bend == 0) return fallen;
  const double slope = 1 - 4 * bend;
  return (std::sqrt(slope * slope + 16 * bend * std::max(fallen, 0.0)) - slope) / (8 * bend);
}

}  // namespace

double step_of_score(double score, double near, const std::function<double(double)>& score_at, Octaves octaves) {
  std::map<int, double> scores;
  const auto at = [&](int octave) {
    const auto [found, is_new] = scores.try_emplace(octave, 0.0);
    if (is_new) found->second = score_at(std::exp2(octave));
    return found->second;
  };
  int octave = std::clamp(static_cast<int>(std::floor(std::log2(near))), octaves.finest, octaves.coarsest - 1);
  while (octave > octaves.finest && at(octave) < score) --octave;
  while (octave < octaves.coarsest - 1 && at(octave + 1) > score) ++octave;
  const double fine = at(octave), coarse = at(octave + 1);
  const double part = fine > coarse ? part_of((fine - score) / (fine - coarse), octaves.bend) : 1;
  return std::exp2(octave + std::clamp(part, 0.0, 1.0));
}

}  // namespace vaerans
