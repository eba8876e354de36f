#include "api/band_search.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "api/rate.hpp"
#include "kernels/metrics/metrics.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

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

}  // namespace

BandSearch::BandSearch(World& world, EntityId entity, const Context& context, Pipeline exact)
    : world_(world), entity_(entity), context_(trial_context(context)), exact_(std::move(exact)) {
  const Shape& shape = world.get(entity, "RGB").spec.shape;
  pixels_ = shape[0] * shape[1];
}

// What comes before the quantizer is the same for all steps.
void BandSearch::transform() const { (void)chain_.run(world_, {&entity_, 1}, context_, 0, quantizer_of(chain_)); }

// By the pipeline's steps from `first` on.
Bytes BandSearch::file_by(const Pipeline& pipeline, std::size_t first) const {
  const Arena::Mark mark = world_.arena().mark();
  (void)pipeline.run(world_, {&entity_, 1}, context_, first, pipeline.steps().size());
  Bytes out = write_file(world_, entity_, pipeline.output_key());
  world_.arena().rewind(mark);
  return out;
}

// Once transform() has been called.
Bytes BandSearch::file_at(int trial) const {
  return file_by(with_step(chain_, step_of_trial(trial)), quantizer_of(chain_));
}

// Lossless files take 3 bits a pixel and more, graphics apart: below that it is not tried.
bool BandSearch::exact_pays(std::uint64_t bytes) const { return !exact_.steps().empty() && 8 * bytes >= 3 * pixels_; }

Bytes BandSearch::within(std::uint64_t bytes) const {
  if (exact_pays(bytes)) {
    if (Bytes file = file_by(exact_, 0); file.size() <= bytes) return file;
  }
  transform();
  Bytes best;
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
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
  throw Error(ErrorCode::invalid_argument, "no step is coarse enough for " + std::to_string(bytes) +
                                               " bytes, the least is " + std::to_string(least) +
                                               "; allow more, or use a smaller picture");
}

Bytes BandSearch::reaching(double psnr) const {
  const auto rgb = world_.arena().view<std::uint8_t>(world_.get(entity_, "RGB").data);
  const Shape shape = world_.get(entity_, "RGB").spec.shape;
  const auto view = [&](const std::uint8_t* at) { return kernels::ImageView{at, shape[0], shape[1], 3, 3 * shape[1]}; };
  transform();
  Bytes best;
  // From the finest step on: the last that still has the PSNR. An octave is about 6 dB.
  const int found = last_within(kStepTrials - 1, [&](int coarser) {
    return unless_too_fine(-1, [&] {
      Bytes file = file_at(kStepTrials - 1 - coarser);
      const Image image = decompress(file, context_);
      const double lacks = (psnr - kernels::psnr(view(rgb.data()), view(image.rgb.data()))) / 6;
      if (lacks <= 0) best = std::move(file);
      return lacks;
    });
  });
  if (found >= 0 && !best.empty()) return best;
  return exact_.steps().empty() ? file_at(kStepTrials - 1) : file_by(exact_, 0);
}

}  // namespace vaerans
