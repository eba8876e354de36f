#include "api/refine/latent_refiner.hpp"

#include <algorithm>
#include <cmath>

#include "api/compress/rate.hpp"
#include "api/refine/annealing.hpp"
#include "api/trace_note.hpp"
#include "coding/context/index_costs.hpp"
#include "coding/context/rdo.hpp"
#include "coding/effort.hpp"
#include "coding/static/entropy_costs.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/file.hpp"

namespace vaerans {
namespace {

// The exchange rate of bits and loss is that between steps so much finer and coarser.
constexpr double kAround = 1.189207115;  // a quarter of an octave
// What bits count beside that: at first so much, then by how many the coefficients take, so that the search ends a
// little below what it began with; more turns follow where it does not.
constexpr double kThrift = 1.25, kControl = 3, kBelow = 0.99;
constexpr std::uint64_t kBytesPerPixel = 200;  // that the loss, its slopes and the annealing take
constexpr int kLeastTurns = 10, kMoreRounds = 5;
// Bits a pixel from which on other coders are far ahead of any model, and counting what indices take becomes slow.
constexpr double kMostBits = 2;

std::vector<const TrailStep*> steps_of(const TrailStep* last) {
  std::vector<const TrailStep*> out;
  for (; last != nullptr; last = last->previous) out.insert(out.begin(), last);
  return out;
}

/// What indices cost: by the context coder's prior, or by their own frequencies where there is none.
void find_rises(const Component& bands, const Annealing& annealing, std::span<float> out) {
  const std::vector<Subband> subbands = subbands_of(bands.spec);
  Pyramid pyramid{subbands, prior_of(bands.trail), {}};
  if (!can_optimize(pyramid)) return rises_by_frequency(subbands, annealing.nearest(), annealing.floors(), out);
  std::vector<std::byte> memory(rises_work_bytes(subbands));
  pyramid.work = Workspace(memory);
  rises_in_bits(pyramid, annealing.nearest(), annealing.floors(), out);
}

}  // namespace

LatentRefiner::LatentRefiner(World& world, EntityId entity, const Pipeline& chain, bool visual, const Context& context)
    : world_(world),
      entity_(entity),
      chain_(chain),
      context_(trial_context(context)),
      quantizer_(quantizer_of(chain)),
      step_(chain.steps()[quantizer_].system->step().value()),
      visual_(visual),
      key_(coefficients_key(chain)),
      trail_(steps_of(world.get(entity, key_).trail)) {}

std::string LatentRefiner::obstacle() const {
  const Component& bands = world_.get(entity_, key_);
  if (bands.spec.dtype != DType::f32 || trail_.empty() || trail_.front()->input_key != RGB::key)
    return "the chain does not lead from a picture to float coefficients";
  for (const TrailStep* step : trail_) {
    if (!step->system->has_vjp()) return step->system->recipe() + " has no slopes";
  }
  const std::uint64_t bytes = kBytesPerPixel * trail_.front()->input.shape[0] * trail_.front()->input.shape[1];
  return bytes <= context_.limits.max_memory ? "" : "it would take more than Limits.max_memory";
}

std::span<float> LatentRefiner::coefficients() const {
  return world_.arena().view<float>(world_.get(entity_, key_).data);
}

std::span<const std::uint8_t> LatentRefiner::decoded(std::string_view key) const {
  (void)pipeline_of(world_, world_.get(entity_, key)).inverse().run_from(world_, {&entity_, 1}, key, context_);
  return world_.arena().view<std::uint8_t>(world_.get(entity_, ReconRGB::key).data);
}

// The slopes of the loss by the coefficients as they stand.
void LatentRefiner::slopes_at(std::span<float> out) const {
  const Arena::Mark mark = world_.arena().mark();
  const auto picture = decoded(key_);
  std::vector<float> of_pixels(picture.size());
  (void)loss_->measure(picture, of_pixels);
  carry_back(of_pixels, out);
  world_.arena().rewind(mark);
}

void LatentRefiner::carry_back(std::span<const float> of_pixels, std::span<float> out) const {
  std::vector<float> given(of_pixels.begin(), of_pixels.end());
  for (std::size_t i = 0; i < trail_.size(); ++i) {
    const std::string_view key = i + 1 < trail_.size() ? trail_[i + 1]->input_key : std::string_view(key_);
    const auto at = world_.arena().view<float>(world_.get(entity_, key).data);
    std::vector<float> taken(at.size());
    trail_[i]->system->vjp({*trail_[i], at, given, taken, context_});
    given = std::move(taken);
  }
  std::ranges::copy(given, out.begin());
}

std::uint64_t LatentRefiner::bytes_now() const {
  return file_from(world_, entity_, chain_, quantizer_, context_).size();
}

// The file and the picture of the coefficients as they stand.
LatentRefiner::Coded LatentRefiner::coded(double step) {
  const Arena::Mark mark = world_.arena().mark();
  const Component kept = world_.get(entity_, key_);  // decoding puts what it finds in its place
  const Pipeline trial = with_step(chain_, step);
  (void)trial.run(world_, {&entity_, 1}, context_, quantizer_, trial.steps().size());
  const std::uint64_t bytes = write_file(world_, entity_, trial.output_key()).size();
  const auto picture = decoded(trial.output_key());
  const Component& rgb = world_.get(entity_, RGB::key);
  if (!loss_) loss_.emplace(world_.arena().view<std::uint8_t>(rgb.data), rgb.spec.shape, picture, visual_);
  const Coded out{bytes, loss_->measure(picture, {})};
  world_.set(entity_, key_, kept);
  world_.arena().rewind(mark);
  return out;
}

// What a bit less costs along the picture's own curve of steps; 0 where bits buy nothing, or the step is the finest.
double LatentRefiner::exchange_rate() try {
  const Coded fine = coded(step_ / kAround), coarse = coded(step_ * kAround);
  if (fine.bytes <= coarse.bytes || coarse.loss.sum() <= fine.loss.sum()) return 0;
  return (coarse.loss.sum() - fine.loss.sum()) / (8.0 * static_cast<double>(fine.bytes - coarse.bytes));
} catch (const Error& error) {
  if (error.code() == ErrorCode::limit_exceeded) return 0;
  throw;
}

void LatentRefiner::turn(Annealing& annealing, double lambda) const {
  const auto now = coefficients();
  std::vector<float> slopes(now.size()), rises(now.size());
  annealing.relax(now);
  slopes_at(slopes);
  find_rises(world_.get(entity_, key_), annealing, rises);
  annealing.descend(slopes, rises, static_cast<float>(lambda));
  annealing.round(now);
}

// Leaves the coefficients where the search ends: at no more than `most` bytes, if that is reached.
LatentRefiner::Coded LatentRefiner::anneal(std::span<const float> original, int turns, double rate,
                                           std::uint64_t most) {
  Annealing annealing(original, static_cast<float>(step_), turns, context_.threads, context_.seed);
  double lambda = kThrift * rate;
  std::uint64_t bytes = most + 1;
  for (int round = 0; round <= kMoreRounds && bytes > most; ++round) {
    const int now = round == 0 ? turns : std::max(turns / kMoreRounds, 1);
    for (int i = 0; i < now; ++i) {
      turn(annealing, lambda);
      bytes = bytes_now();
      lambda *= std::pow(static_cast<double>(bytes) / (kBelow * static_cast<double>(most)), kControl);
    }
  }
  return coded(step_);
}

double LatentRefiner::bits_per_pixel(std::uint64_t bytes) const {
  const Shape& picture = trail_.front()->input.shape;
  return 8.0 * static_cast<double>(bytes) / static_cast<double>(picture[0] * picture[1]);
}

bool LatentRefiner::run(int turns) {
  const std::vector<float> original(coefficients().begin(), coefficients().end());
  const Coded before = coded(step_);
  if (bits_per_pixel(before.bytes) > kMostBits) return false;
  const double rate = exchange_rate();
  for (; turns >= kLeastTurns && rate > 0; turns /= 2) {
    const Coded after = anneal(original, turns, rate, before.bytes);
    if (after.bytes <= before.bytes && after.loss.better_than(before.loss)) return true;
  }
  std::ranges::copy(original, coefficients().begin());
  return false;
}

bool Refinement::wanted() const { return effort_of(effort).latent_turns > 0; }

Refinement refinement_of(const CompressOptions& options) { return {options.effort, options.tune == "visual"}; }

bool refine(World& world, EntityId entity, const Pipeline& chain, const Refinement& how, const Context& context) {
  if (!how.wanted()) return false;
  LatentRefiner refiner(world, entity, chain, how.visual, context);
  if (const std::string obstacle = refiner.obstacle(); !obstacle.empty()) {
    note(context, "refine", entity, "as it is: " + obstacle);
    return false;
  }
  const bool better = refiner.run(effort_of(how.effort).latent_turns);
  note(context, "refine", entity, better ? "a better picture in no more bytes" : "nothing better was found");
  return better;
}

}  // namespace vaerans
