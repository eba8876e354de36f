#include "api/dial/band_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "api/compress/rate.hpp"
#include "api/dial/sample.hpp"
#include "api/seen.hpp"
#include "api/strips/borrowed.hpp"
#include "api/strips/strip_coder.hpp"
#include "base/require.hpp"
#include "coding/mixing/pixel_planes.hpp"
#include "coding/mixing/tiles/graphic.hpp"
#include "kernels/metrics/metrics.hpp"
#include "kernels/pixels/pixels.hpp"
#include "kernels/ssimulacra2/ssimulacra2.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/predict.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kFewSamples = 1ULL << 14;
constexpr double kTooFine = 99;  // octaves beyond any target: the step needs indices that there are not

// What measure() says of a step, or `otherwise` where that step is too fine.
template <typename Measure>
double unless_too_fine(double otherwise, Measure measure) {
  try {
    return measure();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::limit_exceeded) return otherwise;
    throw;
  }
}

// A row of pixels after the other.
Graphic graphic_of(const ImageView& picture) {
  GraphicCounts counts;
  std::vector<std::uint8_t> planes(picture.width * picture.channels);
  for (std::uint64_t y = 0; y < picture.height; ++y) {
    to_planes(std::span(picture.data + y * picture.stride(), planes.size()), picture.channels, std::span(planes));
    counts.add({planes, 1, picture.width});
  }
  return counts.graphic();
}

std::vector<std::uint8_t> luma_of(const ImageView& image) {
  std::vector<std::uint8_t> out(image.height * image.width);
  require_ok(kernels::luma_bt601(Seen(image).kernel_view(), out), "luma");
  return out;
}

void require_measured(kernels::Status status, const char* what) {
  if (status == kernels::Status::too_small)
    throw Error(ErrorCode::shape, std::string("there is no ") + what + ": give another target");
  require_ok(status, what);
}

}  // namespace

ImageView view_of(World& world, EntityId entity, std::string_view key) {
  const Component& picture = world.get(entity, key);
  if (const auto borrowed = borrowed_view(world, picture)) return *borrowed;
  const Shape& shape = picture.spec.shape;
  const auto* samples = reinterpret_cast<const std::uint8_t*>(world.arena().data(picture.data));
  return {samples, shape[0], shape[1], static_cast<std::uint32_t>(shape[2]), 0, picture.spec.dtype};
}

BandSearch::BandSearch(World& world, EntityId entity, const Context& context, const QuantizeBandsOptions& bands,
                       Pipeline exact)
    : world_(world),
      entity_(entity),
      context_(trial_context(context)),
      bands_(bands),
      chain_(band_pipeline(bands)),
      exact_(std::move(exact)) {
  samples_ = world.get(entity, "RGB").spec.shape.elements();
}

// What does not follow the step is the same for all of them.
void BandSearch::transform() const { (void)chain_.run(world_, {&entity_, 1}, context_, 0, first_by_step(chain_)); }

bool BandSearch::by_strips() const {
  const Shape& shape = world_.get(entity_, "RGB").spec.shape;
  return goes_in_strips(shape[0], shape[1]);
}

// Once transform() has been called, unless by_strips().
Bytes BandSearch::file_at(int trial) const {
  const double step = step_of_trial(trial);
  if (!by_strips()) return file_from(world_, entity_, with_step(chain_, step), first_by_step(chain_), context_);
  QuantizeBandsOptions bands = bands_;
  bands.step = step;
  RowsInMemory rows(view_of(world_, entity_, "RGB"));
  return code_in_strips(rows, bands, context_);
}

// By what the quick pixel coder makes of a glance at the picture: what is flat, or has a bit a sample to spare.
bool BandSearch::exact_is_near(std::uint64_t bytes) const {
  constexpr double kNear = 1.5;                                          // other efforts make less of it
  constexpr std::uint64_t kHead = 32;                                    // bytes of any file
  const bool deep = world_.get(entity_, "RGB").spec.dtype != DType::u8;  // for which there is no quick coder
  const Pipeline quick = Pipeline(Predict({.effort = least_effort})) | ANSEncode({.coder = "mixing"});
  return bytes_by_sample(quick, deep ? glance_square / 2 : glance_square, kHead) <= kNear * static_cast<double>(bytes);
}

// What the whole would take if it were as the sample is, where all files have a head of so many bytes.
double BandSearch::bytes_by_sample(const Pipeline& chain, std::uint64_t square, std::uint64_t head) const {
  RowsInMemory rows(view_of(world_, entity_, "RGB"));
  SampledPicture sample(rows, square);
  const std::uint64_t size = file_from(sample.world, sample.entity, chain, 0, context_).size();
  const std::uint64_t part = sample.world.get(sample.entity, "RGB").spec.shape.elements();
  return static_cast<double>(size - std::min(size, head)) * static_cast<double>(samples_) / static_cast<double>(part);
}

// Graphics take far less, unless only parts of them are.
bool BandSearch::graphic_pays(std::uint64_t bytes) const {
  if (world_.get(entity_, "RGB").spec.dtype != DType::u8) return false;
  const ImageView picture = view_of(world_, entity_, "RGB");
  const Graphic graphic = graphic_of(picture);
  const bool may =
      graphic >= Graphic::likely || (graphic == Graphic::perhaps && 8 * bytes >= picture.height * picture.width);
  if (!may || !is_sampled(picture.height, picture.width)) return may;
  // Coding all of a large picture to see that it is none takes minutes.
  constexpr double kDoubt = 1.5;  // squares repeat less than all of them do
  return bytes_by_sample(exact_, sample_square, 0) <= kDoubt * static_cast<double>(bytes);
}

// Coding the whole takes a second a megapixel and more.
bool BandSearch::exact_may_fit(std::uint64_t bytes) const {
  return !exact_.steps().empty() && (samples_ <= kFewSamples || exact_is_near(bytes) || graphic_pays(bytes));
}

std::optional<Bytes> BandSearch::exact_within(std::uint64_t bytes) const {
  return exact_may_fit(bytes) ? exact_if(bytes) : std::nullopt;
}

std::optional<Bytes> BandSearch::exact_if(std::uint64_t bytes, std::uint64_t* least) const {
  Bytes file = file_from(world_, entity_, exact_, 0, context_);
  if (least != nullptr) *least = std::min<std::uint64_t>(*least, file.size());
  return file.size() <= bytes ? std::optional(std::move(file)) : std::nullopt;
}

Bytes BandSearch::within(std::uint64_t bytes) const {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  const bool tried = exact_may_fit(bytes);
  if (tried) {
    if (auto exact = exact_if(bytes, &least)) return std::move(*exact);
  }
  if (!by_strips()) transform();
  Bytes best;
  const int found = last_within(kStepTrials - 1, [&](int trial) {
    return unless_too_fine(kTooFine, [&] {
      Bytes file = file_at(trial);
      least = std::min<std::uint64_t>(least, file.size());
      const double over = std::log2(static_cast<double>(file.size()) / static_cast<double>(bytes));
      if (over <= 0) best = std::move(file);
      return over;
    });
  });
  if (found >= 0) return best;
  if (!tried && !exact_.steps().empty()) {
    if (auto exact = exact_if(bytes, &least)) return std::move(*exact);
  }
  throw Error(ErrorCode::invalid_argument, "no step is coarse enough for " + std::to_string(bytes) +
                                               " bytes, the least is " + std::to_string(least) +
                                               "; allow more, or use a smaller picture");
}

namespace {

std::string trial_key(std::size_t step) { return "Trial" + std::to_string(step); }

// The inverses of a chain's steps up to `last`, under other keys: what was made stays for the next trial.
Pipeline undoing(const Pipeline& chain, std::size_t last) {
  Pipeline out;
  for (std::size_t i = last + 1; i-- > 0;) out = out.then(chain.steps()[i].system->inverse(), trial_key(i));
  return out;
}

// The steps of a chain before its quantiser.
Pipeline transform_of(const Pipeline& chain) {
  Pipeline out;
  for (std::size_t i = 0; i < quantizer_of(chain); ++i) out = out.then(chain.steps()[i].system);
  return out;
}

}  // namespace

// The chain's quantiser, undone: what a decoder will show, without the coding between.
double BandSearch::measure_at(const Pipeline& chain, double step, const QualityTarget& target) const {
  const Arena::Mark mark = world_.arena().mark();
  const std::size_t quantizer = quantizer_of(chain);
  (void)with_step(chain, step).run(world_, {&entity_, 1}, context_, first_by_step(chain), quantizer + 1);
  (void)undoing(chain, quantizer).run_from(world_, {&entity_, 1}, chain.output_key(quantizer), context_);
  const double value = target.measure(view_of(world_, entity_, "RGB"), view_of(world_, entity_, trial_key(0)));
  world_.arena().rewind(mark);
  return value;
}

Bytes BandSearch::reaching(const QualityTarget& target) const {
  transform();
  double best = -std::numeric_limits<double>::infinity();
  // From the finest step on: the last that still has the quality.
  const int found = last_within(kStepTrials - 1, [&](int coarser) {
    return unless_too_fine(-1, [&] {
      const double value = measure_at(chain_, step_of_trial(kStepTrials - 1 - coarser), target);
      best = std::max(best, value);
      return target.lacks(value);
    });
  });
  if (found >= 0 && best >= target.least) {
    Bytes file = file_at(kStepTrials - 1 - found);
    std::optional<Bytes> exact = exact_within(file.size());
    return exact ? std::move(*exact) : file;
  }
  if (!exact_.steps().empty()) return file_from(world_, entity_, exact_, 0, context_);
  throw Error(ErrorCode::invalid_argument,
              "no step reaches " + target.name + " " + to_string(ParamValue{target.least}) + ", the most is " +
                  to_string(ParamValue{best}) + "; ask for less, or leave out the mode, which allows a lossless file");
}

double BandSearch::step_of_sample(double score, double near) const {
  RowsInMemory rows(view_of(world_, entity_, "RGB"));
  SampledPicture sample(rows);
  return BandSearch(sample.world, sample.entity, context_, bands_, exact_).step_of_score(score, near);
}

double BandSearch::step_of_score(double score, double near) const {
  const Shape& shape = world_.get(entity_, "RGB").spec.shape;
  if (std::min(shape[0], shape[1]) < kernels::kSsimulacra2Least) return near;
  if (is_sampled(shape[0], shape[1])) return step_of_sample(score, near);
  transform();
  // Rounding to the nearest index takes a fraction of the time that the choice by costs does, and looks much the same.
  const Pipeline rounding = transform_of(chain_) | QuantizeBands({.rdo = 0, .visual = true});
  const QualityTarget target = ssimulacra2_target(0);
  constexpr double kLost = 0.05;  // the choice by costs loses so much per point that lacks to 100: the mean of photos
  return vaerans::step_of_score(score + kLost * (100 - score), near, [&](double step) {
    return unless_too_fine(100, [&] { return measure_at(rounding, step, target); });
  });
}

QualityTarget psnr_target(double least) {
  return {"a PSNR of", least, &psnr_of, [least](double value) { return (least - value) / 6; }};
}

QualityTarget ssimulacra2_target(double least) {
  const auto measure = [](const ImageView& a, const ImageView& b) {
    std::vector<double> scratch(kernels::ssimulacra2_scratch_size(a.height, a.width));
    const Seen seen_a(a), seen_b(b);
    const auto result = kernels::ssimulacra2(seen_a.kernel_view(), seen_b.kernel_view(), scratch);
    require_measured(result.status, "SSIMULACRA2 of pictures below 8 pixels");
    return result.value;
  };
  return {"an SSIMULACRA2 of", least, measure, [least](double value) { return (least - value) / 9; }};
}

QualityTarget ms_ssim_target(double least) {
  const auto measure = [](const ImageView& a, const ImageView& b) {
    std::vector<double> scratch(kernels::ms_ssim_scratch_size(a.height, a.width));
    const std::vector<std::uint8_t> luma_a = luma_of(a), luma_b = luma_of(b);
    const auto plane = [&](const std::vector<std::uint8_t>& luma) {
      return kernels::ImageView{luma.data(), a.height, a.width, 1, a.width};
    };
    const auto result = kernels::ms_ssim(plane(luma_a), plane(luma_b), scratch);
    require_measured(result.status, "MS-SSIM of pictures below 11 pixels");
    return result.value;
  };
  // An octave of the step is about one of what is missing to 1.
  const auto lacks = [least](double value) {
    constexpr double kNothing = 1e-9, kHardly = 1e-3;
    const double octaves = std::log2(std::max(1 - value, kNothing) / std::max(1 - least, kNothing));
    return value >= least ? std::min(octaves, 0.0) : std::max(octaves, kHardly);
  };
  return {"an MS-SSIM of", least, measure, lacks};
}

}  // namespace vaerans
