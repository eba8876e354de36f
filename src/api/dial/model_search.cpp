#include "api/dial/model_search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "api/compress/rate.hpp"
#include "api/compress/renewed.hpp"
#include "api/dial/dial.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

// Steps by the spread of a model's latents. The scores of 33 crops of training photos lie above straight lines between
// octaves by 0.05 of what these differ by at coarse steps, by 0.11 at fine ones.
constexpr Octaves kSteps{.finest = -7, .coarsest = 2, .bend = 0.065};
// Half the spread is about where photos score 50 by the shipped model, and 20 points less are an octave on.
double first_step(double score) { return std::exp2((50 - score) / 20 - 1); }
// Scores are met to this.
constexpr double kClose = 0.5;
constexpr int kTrials = 6;
constexpr double kPointsAnOctave = 20;
// Refined latents look better by about this: so much coarser a step will do.
constexpr double kRefinedPoints = 3;
constexpr int kRefinedTrials = 2;

}  // namespace

ModelChain model_chain(const std::string& model) {
  const ModelInfo info = find_model(model);
  const auto with_this = [&](const Pipeline::Step& step) {
    return step.system->model() ? step.system->with_model(model) : step.system;
  };
  return {renewed(Pipeline::parse(info.default_recipe), with_this), info.latent_std};
}

ModelSearch::ModelSearch(World& world, EntityId entity, const std::string& model, const Refinement& refinement,
                         const Context& context, std::function<double(const Bytes&)> score_of)
    : world_(world),
      entity_(entity),
      model_(model_chain(model)),
      refinement_(refinement),
      context_(trial_context(context)),
      score_of_(std::move(score_of)) {
  (void)model_.pipeline.run(world_, {&entity_, 1}, context_, 0, quantizer_of(model_.pipeline));
}

std::optional<Bytes> ModelSearch::within(std::uint64_t bytes) const {
  try {
    FileAtStep found = search_step(world_, entity_, model_.pipeline, bytes, model_.latent_std, context_);
    auto better = refined_at(found.step / model_.latent_std);
    return better ? std::move(better) : std::move(found.file);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::invalid_argument) return std::nullopt;
    throw;
  }
}

Bytes ModelSearch::file_at(double step) const {
  const Pipeline trial = with_step(model_.pipeline, step * model_.latent_std);
  return file_from(world_, entity_, trial, quantizer_of(trial), context_);
}

// The file of latents that were bettered at this step, if they were.
std::optional<Bytes> ModelSearch::refined_at(double step) const {
  const Pipeline chain = with_step(model_.pipeline, step * model_.latent_std);
  const auto values = world_.arena().view<float>(world_.get(entity_, coefficients_key(chain)).data);
  const std::vector<float> original(values.begin(), values.end());
  if (!refine(world_, entity_, chain, refinement_, context_)) return std::nullopt;
  Bytes file = file_at(step);
  std::ranges::copy(original, values.begin());
  return file;
}

// The smallest of two files of refined latents that looks at least as good as this one of plain ones, or this one. The
// second has the step that the first one's score asks for.
Bytes ModelSearch::refined(Bytes file, double step) const {
  const double wanted = score_of_(file);
  Bytes best = std::move(file);
  double points = kRefinedPoints;
  for (int trial = 0; trial < kRefinedTrials; ++trial) {
    auto now = refined_at(step * std::exp2(points / kPointsAnOctave));
    const double over = now ? score_of_(*now) - wanted : -points;
    if (over >= 0 && now->size() <= best.size()) best = std::move(*now);
    if (over >= 0 && over <= kClose) break;
    points = std::max(points + over - kClose / 2, 0.0);
  }
  return best;
}

// Nothing where a file that looks worse has more bytes already.
std::optional<double> ModelSearch::step_near(double score, std::uint64_t bytes) const {
  bool hopeless = false;
  const auto score_at = [&](double step) {
    const Bytes file = file_at(step);
    const double found = score_of_(file);
    hopeless = hopeless || (found < score && file.size() > bytes);
    return hopeless ? score : found;  // ends the search
  };
  const double step = step_of_score(score, first_step(score), score_at, kSteps);
  return hopeless ? std::nullopt : std::optional(step);
}

std::optional<Bytes> ModelSearch::about(double score, std::uint64_t bytes) const {
  const auto step = step_near(score, bytes);
  if (!step) return std::nullopt;
  Bytes file = file_at(*step);
  if (refinement_.wanted()) file = refined(std::move(file), *step);
  return file.size() <= bytes ? std::optional(std::move(file)) : std::nullopt;
}

std::optional<Bytes> ModelSearch::reaching(double score, std::uint64_t bytes) const {
  std::optional<Bytes> best;
  auto step = step_near(score + kClose / 2, bytes);
  for (int trial = 0; step && trial < kTrials; ++trial) {
    Bytes file = file_at(*step);
    const double over = score_of_(file) - score;
    if (over >= 0 && file.size() <= (best ? best->size() : bytes)) best = std::move(file);
    if (over >= 0 && over <= kClose) break;
    *step = std::min(*step * std::exp2((over - kClose / 2) / kPointsAnOctave), std::exp2(kSteps.coarsest));
  }
  if (best && refinement_.wanted()) best = refined(std::move(*best), *step);
  return best;
}

}  // namespace vaerans
