#include <algorithm>

#include "api/arena_size.hpp"
#include "api/dial/dial.hpp"
#include "api/dial/model_search.hpp"
#include "api/dial/picture_dial.hpp"
#include "api/first_failure.hpp"
#include "api/layers.hpp"
#include "api/compress/options.hpp"
#include "api/plan.hpp"
#include "api/preview/content.hpp"
#include "api/compress/rate.hpp"
#include "api/refine/latent_refiner.hpp"
#include "vaerans/api.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/models.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/predict.hpp"

namespace vaerans {
namespace {

[[noreturn]] void bad(const std::string& what) { throw Error(ErrorCode::bad_parameter, what); }

Pipeline pixel_pipeline(const CompressOptions& o) {
  return Pipeline(Predict({.max_error = o.max_error.value_or(0), .effort = o.effort})) | ANSEncode({.coder = "mixing"});
}

Pipeline chosen_pipeline(const CompressOptions& o, Mode mode) {
  if (mode == Mode::pixel) return pixel_pipeline(o);
  if (mode != Mode::model) return band_pipeline(true, o.effort);
  return o.recipe.empty() ? model_chain(model_of(o)).pipeline : Pipeline::parse(o.recipe);
}

void require_steps(const Pipeline& pipeline, const Limits& limits) {
  if (pipeline.steps().size() <= limits.max_steps) return;
  throw Error(ErrorCode::limit_exceeded, "a chain of " + std::to_string(pipeline.steps().size()) +
                                             " steps; the limit is " + std::to_string(limits.max_steps));
}

// Everything that one call of compress() shares between its pictures.
class Compressor {
 public:
  Compressor(const CompressOptions& options, Mode mode, const Context& context)
      : options_(options), context_(context), mode_(mode), pipeline_(chosen_pipeline(options, mode)) {
    if (mode != Mode::model) return;
    if (names_measured_quality(options))
      bad("a quality that is measured is met by the wavelet coder: mode wavelet or auto");
    const bool keeps_step = !options.recipe.empty() && !options.quality && !options.step;
    if (searches()) {
      scale_ = latent_std();
    } else if (options.step) {
      pipeline_ = with_step(pipeline_, *options.step);
    } else if (!keeps_step) {
      pipeline_ = with_step(pipeline_, step_of_quality(options.quality.value_or(kDefaultQuality), latent_std()));
    }
  }

  /// Says what goes into the files of these entities besides their streams.
  void take_metadata(EntityId entity, const PictureMetadata& metadata) {
    if (!metadata.empty()) metadata_[entity] = &metadata;
  }

  /// Makes a preview where one is wanted. False where that failed.
  [[nodiscard]] bool take_preview(EntityId entity, const ImageView& picture, RunResult& result) {
    if (!options_.preview_bytes) return true;
    guarded(entity, "preview", result,
            [&] { previews_[entity] = preview_content(picture, *options_.preview_bytes, context_); });
    return previews_.contains(entity);
  }

  void require_limits() const { require_steps(pipeline_, context_.limits); }

  // Files in the order of `entities`; failures go to `result`.
  void run(World& world, std::span<const EntityId> entities, RunResult& result,
           std::map<EntityId, Bytes>& files) const {
    const auto ready = with_alpha_coded(world, entities, result);
    if (mode_ == Mode::wavelet || mode_ == Mode::dial) {
      dial(world, ready, result, files);
    } else if (searches()) {
      search(world, ready, result, files);
    } else {
      run_chain(world, pipeline_, ready, result, files, frugal());
    }
    attach_alpha(world, ready, result, files);
    add_metadata(result, files);
  }

 private:
  [[nodiscard]] bool searches() const { return options_.bpp.has_value() || options_.target_bytes.has_value(); }
  [[nodiscard]] bool layered() const { return mode_ != Mode::pixel && (options_.lossless || options_.residual_step); }
  // A second layer is the difference to the source, so the source must stay until that layer is made.
  [[nodiscard]] Context frugal() const {
    Context out = context_;
    out.keep = false;
    return out;
  }
  [[nodiscard]] std::int64_t residual_step() const { return options_.residual_step.value_or(1); }

  // Quality and searches are relative to the standard deviation of the model's latents; without a model, to 1.
  [[nodiscard]] double latent_std() const {
    for (const auto& step : pipeline_.steps()) {
      if (const auto model = step.system->model()) return find_model(*model).latent_std;
    }
    return 1;
  }

  // Alpha is coded first, so that a search knows what is left for the colours.
  [[nodiscard]] std::vector<EntityId> with_alpha_coded(World& world, std::span<const EntityId> entities,
                                                       RunResult& result) const {
    std::vector<EntityId> with, out;
    for (const EntityId e : entities) (world.has(e, Alpha::key) ? with : out).push_back(e);
    if (with.empty()) return out;
    const auto coded = code_alpha(world, with, options_.effort, context_, result);
    out.insert(out.end(), coded.begin(), coded.end());
    std::ranges::sort(out);
    return out;
  }
  void attach_alpha(World& world, std::span<const EntityId> entities, RunResult& result,
                    std::map<EntityId, Bytes>& files) const {
    for (const EntityId e : entities) {
      const auto file = files.find(e);
      if (file == files.end() || !world.has(e, alpha_stream_key)) continue;
      const Bytes colors = std::move(file->second);
      files.erase(file);
      guarded(e, "alpha", result,
              [&] { keep_if_readable(e, with_alpha(world, e, colors, context_.limits), result, files); });
    }
  }
  [[nodiscard]] static std::uint64_t alpha_bytes(const World& world, EntityId entity) {
    if (!world.has(entity, alpha_stream_key)) return 0;
    constexpr std::uint64_t kAround = 64;  // steps with their side information, and the chunk
    return world.get(entity, alpha_stream_key).data.bytes() + kAround;
  }

  // What the search may take of the wanted size: alpha and metadata belong to the file.
  [[nodiscard]] std::uint64_t target(const World& world, EntityId entity) const {
    const std::uint64_t whole = wanted_bytes(options_, world.get(entity, "RGB").spec.shape);
    const std::uint64_t alpha = alpha_bytes(world, entity);
    const auto metadata = metadata_.find(entity);
    const auto preview = previews_.find(entity);
    const std::uint64_t described = (metadata == metadata_.end() ? 0 : metadata->second->stored_bytes()) +
                                    (preview == previews_.end() ? 0 : stored_preview_bytes(preview->second));
    if (alpha + described == 0 || alpha + described < whole) return whole - alpha - described;
    if (described == 0) {
      bad("the alpha channel alone takes about " + std::to_string(alpha) + " of the " + std::to_string(whole) +
          " bytes wanted; ask for more, or leave it out");
    }
    const std::string kinds = std::string(preview == previews_.end() ? "" : "the preview, ") + "ICC, EXIF and XMP ";
    bad(kinds + (alpha == 0 ? "" : "and the alpha channel ") + "alone take " + std::to_string(alpha + described) +
        " of the " + std::to_string(whole) + " bytes wanted; leave them out (strip)");
  }

  /// The options with the target that is left for the colours of this picture.
  [[nodiscard]] CompressOptions own_options(const World& world, EntityId entity) const {
    CompressOptions out = options_;
    out.metadata.clear();
    out.preview_bytes.reset();
    const bool beside = metadata_.contains(entity) || previews_.contains(entity) || alpha_bytes(world, entity) != 0;
    if (!searches() || !beside) return out;
    out.target_bytes = target(world, entity);
    out.bpp.reset();
    return out;
  }

  void add_metadata(RunResult& result, std::map<EntityId, Bytes>& files) const {
    for (const auto& [entity, metadata] : metadata_) {
      rewrite(entity, "metadata", result, files,
              [&](const Bytes& file) { return with_metadata(file, *metadata, context_.limits); });
    }
    for (const auto& [entity, content] : previews_) {
      rewrite(entity, "preview", result, files,
              [&](const Bytes& file) { return with_preview_content(file, content, context_.limits); });
    }
  }
  template <typename Work>
  void rewrite(EntityId entity, const char* step, RunResult& result, std::map<EntityId, Bytes>& files,
               Work work) const {
    const auto file = files.find(entity);
    if (file == files.end()) return;
    Bytes whole;
    guarded(entity, step, result, [&] { whole = work(file->second); });
    if (whole.empty()) {
      files.erase(file);
    } else {
      file->second = std::move(whole);
    }
  }

  // Runs `work()` and turns what it throws into a failure of the entity at `step`, unless errors are to be raised.
  template <typename Work>
  void guarded(EntityId entity, const char* step, RunResult& result, Work work) const {
    try {
      work();
    } catch (const Error& error) {
      if (context_.on_error == OnError::raise) throw;
      result.failed.push_back({entity, step, error.code(), error.what()});
    }
  }

  // Whether effort betters what the model's chain codes.
  [[nodiscard]] bool refines() const {
    return mode_ == Mode::model && refinement_of(options_).wanted() && has_quantizer(pipeline_);
  }
  [[nodiscard]] std::vector<EntityId> run_refined(World& world, const Pipeline& pipeline,
                                                  std::span<const EntityId> entities, RunResult& result) const {
    const std::size_t quantizer = quantizer_of(pipeline);
    std::vector<EntityId> ready;
    for (const EntityId e : result.absorb(pipeline.run(world, entities, context_, 0, quantizer))) {
      guarded(e, "refine", result, [&] {
        (void)refine(world, e, pipeline, refinement_of(options_), context_);
        ready.push_back(e);
      });
    }
    return result.absorb(pipeline.run(world, ready, context_, quantizer, pipeline.steps().size()));
  }

  // A chain whose steps are known, with the second layer or digest that are wanted.
  void run_chain(World& world, const Pipeline& pipeline, std::span<const EntityId> entities, RunResult& result,
                 std::map<EntityId, Bytes>& files, const Context& context) const {
    auto live = refines() ? run_refined(world, pipeline, entities, result)
                          : result.absorb(pipeline.run(world, entities, layered() ? context_ : context));
    if (layered()) {
      const auto based = decode_base(world, live, pipeline, context_, result);
      live = code_residual(world, based, residual_step(), context_, result);
    } else if (options_.digest) {
      live = decode_base(world, live, pipeline, context_, result);
    }
    for (const EntityId e : live) keep_if_readable(e, file_of(world, pipeline, e), result, files);
  }

  // Each picture gets a step of its own, and on the dial perhaps the model.
  void dial(World& world, std::span<const EntityId> entities, RunResult& result,
            std::map<EntityId, Bytes>& files) const {
    const bool on_dial = mode_ == Mode::dial;
    for (const EntityId e : entities) {
      guarded(e, "dial", result, [&] {
        const CompressOptions own = own_options(world, e);
        const PictureDial dial(world, e, own, context_, on_dial ? pixel_pipeline(options_) : Pipeline());
        const Arena::Mark mark = world.arena().mark();  // before the transform that a search keeps
        if (is_searched_for(own)) {
          keep_if_readable(e, dial.searched(), result, files);
          world.arena().rewind(mark);
        } else {
          const Pipeline chain = dial.chain();
          world.arena().rewind(mark);
          run_chain(world, chain, {&e, 1}, result, files, on_dial ? context_ : frugal());
        }
        if (on_dial && may_be_another()) try_others(dial, e, files);
      });
    }
  }
  // Layers and digests belong to the chain that has run; a step and a target of quality are the wavelet coder's.
  [[nodiscard]] bool may_be_another() const {
    return !layered() && !options_.digest && !options_.step && !options_.psnr && !options_.ms_ssim;
  }
  static void try_others(const PictureDial& dial, EntityId e, std::map<EntityId, Bytes>& files) {
    const auto file = files.find(e);
    if (file == files.end()) return;
    if (auto exact = dial.exact_within(file->second)) return void(file->second = std::move(*exact));
    if (auto better = dial.better_by_model(file->second)) file->second = std::move(*better);
  }

  void search(World& world, std::span<const EntityId> entities, RunResult& result,
              std::map<EntityId, Bytes>& files) const {
    std::map<EntityId, std::uint64_t> targets;
    for (const EntityId e : entities) guarded(e, "rate search", result, [&] { targets[e] = target(world, e); });
    std::vector<EntityId> wanted;
    for (const auto& [e, bytes] : targets) wanted.push_back(e);
    const Context& how = refines() ? context_ : frugal();
    for (const EntityId e : result.absorb(pipeline_.run(world, wanted, how, 0, quantizer_of(pipeline_)))) {
      guarded(e, "rate search", result,
              [&] { keep_if_readable(e, found_file(world, e, targets.at(e)), result, files); });
    }
  }

  // The finest step's file of so many bytes, bettered where effort asks for that.
  [[nodiscard]] Bytes found_file(World& world, EntityId entity, std::uint64_t bytes) const {
    FileAtStep found = search_step(world, entity, pipeline_, bytes, scale_, context_);
    if (!refines()) return std::move(found.file);
    const Pipeline chain = with_step(pipeline_, found.step);
    if (!refine(world, entity, chain, refinement_of(options_), context_)) return std::move(found.file);
    (void)chain.run(world, {&entity, 1}, context_, quantizer_of(chain), chain.steps().size());
    return write_file(world, entity, chain.output_key());
  }

  // What the header says is held against the limits as a decoder will do it.
  void keep_if_readable(EntityId entity, Bytes file, RunResult& result, std::map<EntityId, Bytes>& files) const {
    guarded(entity, "limits of reading", result, [&] {
      (void)file_info(file, context_.limits);
      files[entity] = std::move(file);
    });
  }

  [[nodiscard]] Bytes file_of(World& world, const Pipeline& pipeline, EntityId entity) const {
    const auto key = pipeline.output_key();
    if (layered()) return write_decoded(world, entity, key, ResidualStream{.lossless = residual_step() == 1});
    if (options_.digest) return write_decoded(world, entity, key, BaseDigest{});
    return write_file(world, entity, key);
  }

  const CompressOptions& options_;
  const Context& context_;
  Mode mode_;
  Pipeline pipeline_;
  double scale_ = 1;
  std::map<EntityId, const PictureMetadata*> metadata_;
  std::map<EntityId, ByteBuffer> previews_;
};

// Reports the failure of an entity as a failure of the picture that it was made from.
void report(const RunResult& result, const std::map<EntityId, std::size_t>& picture, std::vector<Failure>* failures) {
  if (failures == nullptr) return;
  for (Failure f : result.failed) {
    f.entity = picture.at(f.entity);
    failures->push_back(std::move(f));
  }
}

std::vector<std::size_t> acceptable(std::span<const ImageView> images, const Context& context,
                                    std::vector<Failure>* failures) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    try {
      World::check_image(images[i]);
      require_extents(images[i].height, images[i].width, context.limits);
      out.push_back(i);
    } catch (const Error& error) {
      if (context.on_error == OnError::raise) throw;
      if (failures != nullptr) failures->push_back({i, "spawn", error.code(), error.what()});
    }
  }
  return out;
}

// Several pictures, all of which are tried: the first that failed is named by its place.
std::vector<Bytes> all_or_error(std::span<const ImageView> images, const CompressOptions& options,
                                const Context& context) {
  Context collecting = context;
  collecting.on_error = OnError::collect;
  std::vector<Failure> failures;
  std::vector<Bytes> out = compress(images, options, collecting, &failures);
  throw_first(failures, "picture");
  return out;
}

}  // namespace

bool takes_any_picture(const CompressOptions& options) {
  if (is_by_pixels(options)) return true;
  if (options.lossless || options.residual_step) return false;
  if (mode_of(options) != Mode::model) return true;
  if (options.recipe.empty()) return false;
  const Pipeline chain = Pipeline::parse(options.recipe);
  return chain.steps().front().system->contract().any_picture;
}

bool is_by_pixels(const CompressOptions& options) {
  require_sound(options);
  return mode_of(options) == Mode::pixel;
}

std::vector<Bytes> compress(std::span<const ImageView> images, const CompressOptions& options, const Context& context,
                            std::vector<Failure>* failures) {
  require_sound(options);
  if (context.on_error == OnError::raise && images.size() > 1) return all_or_error(images, options, context);
  std::vector<Bytes> out(images.size());
  const auto usable = acceptable(images, context, failures);
  if (usable.empty()) return out;
  std::vector<ImageView> views;
  std::uint64_t pixels = 0;
  for (const std::size_t i : usable) {
    views.push_back(images[i]);
    pixels += images[i].height * images[i].width;
  }
  if (!options.metadata.empty() && options.metadata.size() != images.size()) {
    bad(std::to_string(options.metadata.size()) + " sets of metadata for " + std::to_string(images.size()) +
        " pictures; one for each, or none");
  }
  Compressor compressor(options, mode_of(options), context);
  compressor.require_limits();
  World world(arena_bytes_for(pixels));
  const auto entities = world.spawn_batch_rgb(views);
  for (std::size_t k = 0; k < usable.size() && !options.metadata.empty(); ++k)
    compressor.take_metadata(entities[k], options.metadata[usable[k]]);
  RunResult result;
  std::map<EntityId, Bytes> files;
  std::vector<EntityId> ready;
  for (std::size_t k = 0; k < usable.size(); ++k) {
    if (compressor.take_preview(entities[k], views[k], result)) ready.push_back(entities[k]);
  }
  compressor.run(world, ready, result, files);
  std::map<EntityId, std::size_t> picture;
  for (std::size_t k = 0; k < usable.size(); ++k) picture[entities[k]] = usable[k];
  for (auto& [entity, bytes] : files) out[picture.at(entity)] = std::move(bytes);
  report(result, picture, failures);
  return out;
}

Bytes compress(const ImageView& image, const CompressOptions& options, const Context& context) {
  Context raising = context;
  raising.on_error = OnError::raise;
  return std::move(compress({&image, 1}, options, raising).front());
}

Bytes compress_latent(const Latent& latent, const std::string& recipe, const Context& context) {
  World world(arena_bytes_for(latent.values.size()));
  const EntityId entity = world.spawn_latent(latent.values, latent.shape);
  Context raising = context;
  raising.on_error = OnError::raise;
  const Pipeline pipeline = Pipeline::parse(recipe);
  require_steps(pipeline, context.limits);
  (void)pipeline.run_from(world, {&entity, 1}, "Latent4", raising);
  Bytes file = write_file(world, entity, pipeline.output_key());
  (void)file_info(file, context.limits);
  return file;
}

}  // namespace vaerans
