#include "api/dial/picture_dial.hpp"

#include <algorithm>

#include "api/compress/rate.hpp"
#include "api/dial/model_search.hpp"
#include "api/dial/sample.hpp"
#include "api/strips/strip_coder.hpp"
#include "api/trace_note.hpp"
#include "kernels/ssimulacra2/ssimulacra2.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

// Where the wavelet coder reaches this, or takes so many bits per pixel, models were never found to look better. What
// they reach at most is about 70.
constexpr double kModelUpTo = 65, kModelUpToBpp = 1;
// The model's picture has to look better by this much, or its file to be smaller: it takes more time to decode.
constexpr double kWorthIt = 1, kSmaller = 0.97;

// Below, where it takes no time, a size is tried by the least effort, too.
constexpr std::uint64_t kFewPixels = 1ULL << 14;

constexpr const char* kExactIsNoLarger = "the lossless file is no larger";

std::uint64_t fewer_than(const Bytes& file) {
  return static_cast<std::uint64_t>(kSmaller * static_cast<double>(file.size()));
}

double quality_of(const CompressOptions& o) { return o.quality.value_or(kDefaultQuality); }

}  // namespace

PictureDial::PictureDial(World& world, EntityId entity, const CompressOptions& options, const Context& context,
                         Pipeline exact)
    : world_(world),
      entity_(entity),
      options_(options),
      context_(context),
      shape_(world.get(entity, "RGB").spec.shape),
      search_(world, entity, context, untuned(options.effort), std::move(exact)) {}

bool PictureDial::visual() const { return options_.tune == "visual" && !options_.psnr; }

Bytes PictureDial::searched() const {
  if (!untuned(options_.effort).dependent) return searched_by(search_);  // the plain ones themselves
  try {
    Bytes file = searched_by(search_);
    if (shape_[0] * shape_[1] > kFewPixels || file_info(file, context_.limits).lossless) return file;
    auto plain = searched_by_plain();
    return plain && is_better(*plain, file) ? std::move(*plain) : file;
  } catch (const Error& error) {
    auto plain = error.code() == ErrorCode::invalid_argument ? searched_by_plain() : std::nullopt;
    if (!plain) throw;
    return std::move(*plain);
  }
}

Bytes PictureDial::searched_by(const BandSearch& search) const {
  if (options_.psnr) return search.reaching(psnr_target(*options_.psnr));
  if (options_.ssimulacra2) return search.reaching(ssimulacra2_target(*options_.ssimulacra2));
  if (options_.ms_ssim) return search.reaching(ms_ssim_target(*options_.ms_ssim));
  return search.within(wanted_bytes(options_, shape_));
}

// What the least effort leaves out takes some bytes to say, which small files have not.
std::optional<Bytes> PictureDial::searched_by_plain() const try {
  return searched_by(BandSearch(world_, entity_, context_, untuned(least_effort), {}));
} catch (const Error& error) {
  if (error.code() != ErrorCode::invalid_argument) throw;
  return std::nullopt;
}

// Both have what is searched for.
bool PictureDial::is_better(const Bytes& file, const Bytes& other) const {
  if (names_measured_quality(options_)) return file.size() < other.size();
  const bool seen = visual() && std::min(shape_[0], shape_[1]) >= kernels::kSsimulacra2Least;
  const QualityTarget target = seen ? ssimulacra2_target(0) : psnr_target(0);
  return score_of(file, target) > score_of(other, target);
}

QuantizeBandsOptions PictureDial::untuned(std::int64_t effort) const {
  return band_options(visual(), effort, band_tile(shape_[0], shape_[1]));
}

QuantizeBandsOptions PictureDial::bands() const {
  QuantizeBandsOptions out = untuned(options_.effort);
  const double near = band_step_of_quality(quality_of(options_));
  if (options_.step) {
    out.step = *options_.step;
  } else {
    out.step = visual() ? search_.step_of_score(score_of_quality(quality_of(options_)), near) : near;
  }
  return out;
}

Bytes PictureDial::in_strips(const QuantizeBandsOptions& bands) const {
  RowsInMemory rows(view_of(world_, entity_, "RGB"));
  Bytes out = code_in_strips(rows, bands, context_);
  note("strip by strip: " + band_pipeline(bands).recipe());
  return out;
}

void PictureDial::note(const std::string& text) const { vaerans::note(context_, "dial", entity_, text); }

std::optional<Bytes> PictureDial::exact_within(const Bytes& file) const {
  if (is_searched_for(options_)) return exact_found(file);
  const Arena::Mark mark = world_.arena().mark();
  std::optional<Bytes> out = search_.exact_within(file.size());
  world_.arena().rewind(mark);
  if (out) note(kExactIsNoLarger);
  return out;
}

// A search has tried the lossless file itself.
std::optional<Bytes> PictureDial::exact_found(const Bytes& file) const {
  if (!file_info(file, context_.limits).lossless) return std::nullopt;
  note(kExactIsNoLarger);
  return file;
}

double PictureDial::score_of(const Bytes& file, const QualityTarget& target) const {
  const Image image = decompress(file, trial_context(context_));
  return target.measure(view_of(world_, entity_, "RGB"), image.view());
}

std::optional<Bytes> PictureDial::by_model(const Bytes& file) const {
  const bool by_size = is_searched_for(options_) && !options_.ssimulacra2;
  const QualityTarget seen = ssimulacra2_target(0);
  const double wavelet = by_size ? score_of(file, seen) : 0;
  if (wavelet > kModelUpTo) return std::nullopt;  // before the encoder runs
  const auto score = [&](const Bytes& by_model) { return score_of(by_model, seen); };
  const ModelSearch search(world_, entity_, model_of(options_), refinement_of(options_), context_, score);
  if (options_.ssimulacra2) return search.reaching(*options_.ssimulacra2, fewer_than(file));
  if (!by_size) return search.about(score_of_quality(quality_of(options_)), fewer_than(file));
  auto out = search.within(file.size());
  return out && score_of(*out, seen) >= wavelet + kWorthIt ? out : std::nullopt;
}

// A model that wins on a sample codes the whole: by the step that it had there, or by the one that fits.
std::optional<Bytes> PictureDial::by_model_on_sample(const Bytes& file) const {
  RowsInMemory rows(view_of(world_, entity_, "RGB"));
  SampledPicture sample(rows);
  const Context quiet = trial_context(context_);
  const auto chain_of = [&](const Bytes& coded) { return Pipeline::parse(file_info(coded, context_.limits).recipe); };
  const Bytes wavelet = file_from(sample.world, sample.entity, chain_of(file), 0, quiet);
  const auto won = PictureDial(sample.world, sample.entity, options_, quiet, {}).better_by_model(wavelet);
  if (!won) return std::nullopt;
  if (is_searched_for(options_))
    return ModelSearch(world_, entity_, model_of(options_), {}, context_, {}).within(file.size());
  Bytes whole = file_from(world_, entity_, chain_of(*won), 0, quiet);
  return whole.size() <= fewer_than(file) ? std::optional(std::move(whole)) : std::nullopt;
}

// Refining takes so long that trials do not matter beside it; a quality that is named is measured, not guessed.
bool PictureDial::by_sample() const {
  return is_sampled(shape_[0], shape_[1]) && !refinement_of(options_).wanted() && !options_.ssimulacra2;
}

bool PictureDial::model_may_win(const Bytes& file) const {
  const bool fits_models = shape_[2] == 3 && world_.get(entity_, "RGB").spec.dtype == DType::u8;
  if (!fits_models || std::min(shape_[0], shape_[1]) < kernels::kSsimulacra2Least) return false;
  const double asked =
      options_.ssimulacra2.value_or(is_searched_for(options_) ? 0 : score_of_quality(quality_of(options_)));
  const auto pixels = static_cast<double>(shape_[0] * shape_[1]);
  return asked <= kModelUpTo && 8.0 * static_cast<double>(file.size()) <= kModelUpToBpp * pixels;
}

std::optional<Bytes> PictureDial::better_by_model(const Bytes& file) const {
  if (!model_may_win(file)) return std::nullopt;
  const Arena::Mark mark = world_.arena().mark();
  std::optional<Bytes> out;
  try {
    out = by_sample() ? by_model_on_sample(file) : by_model(file);
    note(out ? "the model is better than the wavelet coder" : "the wavelet coder is as good as the model");
  } catch (const Error& error) {
    const bool absent = error.code() == ErrorCode::model_not_found || error.code() == ErrorCode::runtime_not_found;
    if (!absent || !options_.model.empty()) throw;
    note(std::string("without the model: ") + error.what());
  }
  world_.arena().rewind(mark);
  return out;
}

}  // namespace vaerans
