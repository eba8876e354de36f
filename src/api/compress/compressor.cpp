#include "api/compress/compressor.hpp"

#include <map>
#include <string>
#include <utility>

#include "api/compress/rate.hpp"
#include "api/compress/recipe_model.hpp"
#include "api/dial/model_search.hpp"
#include "api/layers.hpp"
#include "api/plan.hpp"
#include "api/refine/latent_refiner.hpp"
#include "api/strips/strip_coder.hpp"
#include "vaerans/models.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/predict.hpp"

namespace vaerans {
namespace {

Pipeline pixel_pipeline(const CompressOptions& o) {
  return Pipeline(Predict({.max_error = o.max_error.value_or(0), .effort = o.effort})) | ANSEncode({.coder = "mixing"});
}

Pipeline chosen_pipeline(const CompressOptions& o, Mode mode) {
  if (mode == Mode::pixel) return pixel_pipeline(o);
  if (mode != Mode::model) return band_pipeline(band_options(true, o.effort, 0));  // each picture gets its own
  return o.recipe.empty() ? model_chain(model_of(o)).pipeline : recipe_with(o.recipe, o.model);
}

// A model that is named has to be there, whether this picture has a use for it or not.
void require_model(const CompressOptions& o) {
  if (!o.model.empty()) (void)find_model(o.model);
}

// Another kind of file than the wavelet coder's, where there is one that is smaller and no worse.
std::optional<Bytes> other_file(const PictureDial& dial, const Bytes& file) {
  auto exact = dial.exact_within(file);
  return exact ? std::move(exact) : dial.better_by_model(file);
}

}  // namespace

void require_steps(const Pipeline& pipeline, const Limits& limits) {
  if (pipeline.steps().size() <= limits.max_steps) return;
  throw Error(ErrorCode::limit_exceeded, "a chain of " + std::to_string(pipeline.steps().size()) +
                                             " steps; the limit is " + std::to_string(limits.max_steps));
}

Compressor::Compressor(const CompressOptions& options, Mode mode, const Context& context)
    : beside(options, context),
      options_(options),
      context_(context),
      mode_(mode),
      pipeline_(chosen_pipeline(options, mode)) {
  if (mode != Mode::model) {
    require_model(options);
    return;
  }
  if (names_measured_quality(options)) {
    throw Error(ErrorCode::bad_parameter,
                "a quality that is measured is met by the wavelet coder: mode wavelet or auto");
  }
  const bool keeps_step = !options.recipe.empty() && !options.quality && !options.step;
  if (searches()) {
    scale_ = latent_std();
  } else if (options.step) {
    pipeline_ = with_step(pipeline_, *options.step);
  } else if (!keeps_step) {
    pipeline_ = with_step(pipeline_, step_of_quality(options.quality.value_or(kDefaultQuality), latent_std()));
  }
}

void Compressor::run(World& world, std::span<const EntityId> entities, Outcome& outcome) const {
  const auto ready = beside.code(world, entities, outcome);
  if (mode_ == Mode::wavelet || mode_ == Mode::dial) {
    dial(world, ready, outcome);
  } else if (searches()) {
    search(world, ready, outcome);
  } else {
    run_chain(world, pipeline_, ready, outcome, false);
  }
  beside.add_to(world, ready, outcome);
}

// A second layer is the difference to the source, so the source must stay until that layer is made.
Context Compressor::frugal() const {
  Context out = context_;
  out.keep = false;
  return out;
}

// Quality and searches are relative to the standard deviation of the model's latents; without a model, to 1.
double Compressor::latent_std() const {
  for (const auto& step : pipeline_.steps()) {
    if (const auto model = step.system->model()) return find_model(*model).latent_std;
  }
  return 1;
}

// ---- a chain whose steps are known, with the second layer or digest that are wanted ------------------------------

void Compressor::run_chain(World& world, const Pipeline& pipeline, std::span<const EntityId> entities, Outcome& outcome,
                           bool keep_source) const {
  auto live = refines() ? run_refined(world, pipeline, entities, outcome)
                        : run_plain(world, pipeline, entities, outcome, keep_source || layered());
  if (layered()) {
    const auto based = decode_base(world, live, pipeline, context_, outcome.result);
    live = code_residual(world, based, residual_step(), context_, outcome.result);
  } else if (options_.digest) {
    live = decode_base(world, live, pipeline, context_, outcome.result);
  }
  for (const EntityId e : live) {
    outcome.guarded(e, "limits of reading", [&] {
      require_undo_time(world.get(e, pipeline.output_key()), context_.limits);
      outcome.keep(e, file_of(world, pipeline, e));
    });
  }
}

std::vector<EntityId> Compressor::run_plain(World& world, const Pipeline& pipeline, std::span<const EntityId> entities,
                                            Outcome& outcome, bool keep_source) const {
  if (!keep_source) return outcome.result.absorb(pipeline.run(world, entities, frugal()));
  const auto ready = outcome.result.absorb(pipeline.run(world, entities, context_, 0, 1));
  return outcome.result.absorb(pipeline.run(world, ready, frugal(), 1, pipeline.steps().size()));
}

// Whether effort betters what the model's chain codes.
bool Compressor::refines() const {
  return mode_ == Mode::model && refinement_of(options_).wanted() && has_quantizer(pipeline_);
}

std::vector<EntityId> Compressor::run_refined(World& world, const Pipeline& pipeline,
                                              std::span<const EntityId> entities, Outcome& outcome) const {
  const std::size_t quantizer = quantizer_of(pipeline);
  std::vector<EntityId> ready;
  for (const EntityId e : outcome.result.absorb(pipeline.run(world, entities, context_, 0, quantizer))) {
    outcome.guarded(e, "refine", [&] {
      (void)refine(world, e, pipeline, refinement_of(options_), context_);
      ready.push_back(e);
    });
  }
  return outcome.result.absorb(pipeline.run(world, ready, context_, quantizer, pipeline.steps().size()));
}

Bytes Compressor::file_of(World& world, const Pipeline& pipeline, EntityId entity) const {
  const auto key = pipeline.output_key();
  if (layered()) return write_decoded(world, entity, key, ResidualStream{.lossless = residual_step() == 1});
  if (options_.digest) return write_decoded(world, entity, key, BaseDigest{});
  return write_file(world, entity, key);
}

// ---- the dial: each picture gets a step of its own, and perhaps the model ----------------------------------------

void Compressor::dial(World& world, std::span<const EntityId> entities, Outcome& outcome) const {
  for (const EntityId e : entities) outcome.guarded(e, "dial", [&] { dial_one(world, e, outcome); });
}

void Compressor::dial_one(World& world, EntityId entity, Outcome& outcome) const {
  const bool on_dial = mode_ == Mode::dial;
  const CompressOptions own = own_options(world, entity);
  const PictureDial dial(world, entity, own, context_, on_dial ? pixel_pipeline(options_) : Pipeline());
  const Arena::Mark mark = world.arena().mark();  // before the transform that a search keeps
  if (is_searched_for(own)) {
    outcome.keep(entity, dial.searched());
    world.arena().rewind(mark);
  } else {
    const QuantizeBandsOptions bands = dial.bands();
    world.arena().rewind(mark);
    if (in_strips(world, entity)) {
      outcome.keep(entity, dial.in_strips(bands));
    } else {
      run_chain(world, band_pipeline(bands), {&entity, 1}, outcome, on_dial);
    }
  }
  if (on_dial && may_be_another()) try_others(dial, entity, outcome);
}

void Compressor::try_others(const PictureDial& dial, EntityId entity, Outcome& outcome) const {
  const auto file = outcome.files.find(entity);
  if (file == outcome.files.end()) return;
  auto other = other_file(dial, file->second);
  if (other) file->second = options_.digest ? with_digest(*other, context_) : std::move(*other);
}

// A second layer, and a digest, need the whole picture as a decoder will have it.
bool Compressor::in_strips(const World& world, EntityId entity) const {
  const Shape& shape = world.get(entity, "RGB").spec.shape;
  return goes_in_strips(shape[0], shape[1]) && !layered() && !options_.digest;
}

// The options with the size that is left for the colors of this picture.
CompressOptions Compressor::own_options(World& world, EntityId entity) const {
  CompressOptions out = options_;
  out.metadata.clear();
  out.preview_bytes.reset();
  if (!searches() || !beside.is_there(world, entity)) return out;
  out.target_bytes = beside.left_for_colors(world, entity);
  out.bpp.reset();
  return out;
}

// Layers belong to the chain that has run; a step and a target of quality are the wavelet coder's.
bool Compressor::may_be_another() const { return !layered() && !options_.step && !options_.psnr && !options_.ms_ssim; }

// ---- a model's step for a size -----------------------------------------------------------------------------------

void Compressor::search(World& world, std::span<const EntityId> entities, Outcome& outcome) const {
  std::map<EntityId, std::uint64_t> targets;
  for (const EntityId e : entities)
    outcome.guarded(e, "rate search", [&] { targets[e] = beside.left_for_colors(world, e); });
  std::vector<EntityId> wanted;
  for (const auto& [e, bytes] : targets) wanted.push_back(e);
  const Context& how = refines() ? context_ : frugal();
  for (const EntityId e : outcome.result.absorb(pipeline_.run(world, wanted, how, 0, first_by_step(pipeline_))))
    outcome.guarded(e, "rate search", [&] { outcome.keep(e, found_file(world, e, targets.at(e))); });
}

// The finest step's file of so many bytes, bettered where effort asks for that.
Bytes Compressor::found_file(World& world, EntityId entity, std::uint64_t bytes) const {
  FileAtStep found = search_step(world, entity, pipeline_, bytes, scale_, context_);
  if (!refines()) return std::move(found.file);
  const Pipeline chain = with_step(pipeline_, found.step);
  if (!refine(world, entity, chain, refinement_of(options_), context_)) return std::move(found.file);
  (void)chain.run(world, {&entity, 1}, context_, quantizer_of(chain), chain.steps().size());
  Bytes better = write_file(world, entity, chain.output_key());
  return better.size() <= bytes ? std::move(better) : std::move(found.file);
}

}  // namespace vaerans
