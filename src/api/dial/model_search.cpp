#include "api/dial/model_search.hpp"

#include <cmath>
#include <utility>

#include "api/dial/dial.hpp"
#include "api/rate.hpp"
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

}  // namespace

ModelChain model_chain(const std::string& model) {
  const ModelInfo info = find_model(model);
  const Pipeline carded = Pipeline::parse(info.default_recipe);
  Pipeline out;
  for (const auto& step : carded.steps()) {
    out = out.then(step.system->model() ? step.system->with_model(model) : step.system, step.out, step.from);
  }
  return {out, info.latent_std};
}

ModelSearch::ModelSearch(World& world, EntityId entity, const std::string& model, const Context& context,
                         std::function<double(const Bytes&)> score_of)
    : world_(world),
      entity_(entity),
      model_(model_chain(model)),
      context_(trial_context(context)),
      score_of_(std::move(score_of)) {
  (void)model_.pipeline.run(world_, {&entity_, 1}, context_, 0, quantizer_of(model_.pipeline));
}

std::optional<Bytes> ModelSearch::within(std::uint64_t bytes) const {
  try {
    return search_step(world_, entity_, model_.pipeline, bytes, model_.latent_std, context_);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::invalid_argument) return std::nullopt;
    throw;
  }
}

Bytes ModelSearch::file_at(double step) const {
  const Arena::Mark mark = world_.arena().mark();
  const Pipeline trial = with_step(model_.pipeline, step * model_.latent_std);
  (void)trial.run(world_, {&entity_, 1}, context_, quantizer_of(trial), trial.steps().size());
  Bytes file = write_file(world_, entity_, trial.output_key());
  world_.arena().rewind(mark);
  return file;
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
    *step *= std::exp2((over - kClose / 2) / kPointsAnOctave);
  }
  return best;
}

}  // namespace vaerans
