#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "api/arena_size.hpp"
#include "api/compress/compressor.hpp"
#include "api/compress/options.hpp"
#include "api/each_that_fits.hpp"
#include "api/file_context.hpp"
#include "api/first_failure.hpp"
#include "api/plan.hpp"
#include "api/strips/borrowed.hpp"
#include "api/strips/strip_coder.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

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

void require_metadata_for(std::size_t pictures, const CompressOptions& options) {
  if (options.metadata.empty() || options.metadata.size() == pictures) return;
  throw Error(ErrorCode::bad_parameter, std::to_string(options.metadata.size()) + " sets of metadata for " +
                                            std::to_string(pictures) + " pictures; one for each, or none");
}

std::uint64_t pixels_of(std::span<const ImageView> views) {
  std::uint64_t pixels = 0;
  for (const ImageView& view : views) pixels += view.height * view.width;
  return pixels;
}

// Large pictures stay where they are until a system reads all of one, which coding in strips does without.
std::vector<EntityId> spawn(World& world, std::span<const ImageView> views) {
  const auto is_large = [](const ImageView& v) { return goes_in_strips(v.height, v.width) && !v.has_alpha(); };
  if (std::ranges::none_of(views, is_large)) return world.spawn_batch_rgb(views);
  std::vector<EntityId> out;
  for (const ImageView& view : views)
    out.push_back(is_large(view) ? spawn_borrowed(world, view) : world.spawn_image(view));
  return out;
}

// The pictures at these places, in one world.
void compress_some(std::span<const ImageView> images, std::span<const std::size_t> places,
                   const CompressOptions& options, const Context& context, std::vector<Bytes>& out,
                   std::vector<Failure>* failures) {
  std::vector<ImageView> views;
  for (const std::size_t i : places) views.push_back(images[i]);
  const Context own = file_context(context);
  Compressor compressor(options, mode_of(options), own);
  compressor.require_limits();
  World world(arena_bytes_for(pixels_of(views)));
  const auto entities = spawn(world, views);
  Outcome outcome(context);
  std::map<EntityId, std::size_t> picture;
  std::vector<EntityId> ready;
  for (std::size_t k = 0; k < places.size(); ++k) {
    picture[entities[k]] = places[k];
    if (!options.metadata.empty()) compressor.beside.take_metadata(entities[k], options.metadata[places[k]]);
    if (compressor.beside.take_preview(entities[k], views[k], outcome)) ready.push_back(entities[k]);
  }
  compressor.run(world, ready, outcome);
  for (auto& [entity, bytes] : outcome.files) out[picture.at(entity)] = std::move(bytes);
  report(outcome.result, picture, failures);
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
  require_metadata_for(images.size(), options);
  each_that_fits(usable, context, failures, [&](std::span<const std::size_t> places, std::vector<Failure>* failed) {
    compress_some(images, places, options, context, out, failed);
  });
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
  Context raising = file_context(context);
  raising.on_error = OnError::raise;
  const Pipeline pipeline = Pipeline::parse(recipe);
  require_steps(pipeline, context.limits);
  (void)pipeline.run_from(world, {&entity, 1}, "Latent4", raising);
  require_undo_time(world.get(entity, pipeline.output_key()), context.limits);
  Bytes file = write_file(world, entity, pipeline.output_key());
  (void)file_info(file, context.limits);
  return file;
}

}  // namespace vaerans
