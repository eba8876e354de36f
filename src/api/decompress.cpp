#include <algorithm>

#include "api/arena_size.hpp"
#include "api/each_that_fits.hpp"
#include "api/first_failure.hpp"
#include "api/layers.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

using File = std::span<const std::uint8_t>;

std::uint64_t reserve_for(File file, const Limits& limits) {
  const FileInfo info = file_info(file, limits);
  const auto& s = info.source_shape;
  // Every sample of a latent counts as a pixel, which is more than it takes.
  const std::uint64_t pixels = info.source_key == "RGB" ? s[0] * s[1] : s[0] * s[1] * s[2];
  return arena_bytes_for(pixels, file.size());
}

std::span<const std::uint8_t> bytes_of(World& world, const Component& picture) {
  return {reinterpret_cast<const std::uint8_t*>(world.arena().data(picture.data)), picture.data.bytes()};
}

// Colours and alpha, pixel by pixel.
Bytes pixels_of(World& world, EntityId entity) {
  const auto colors = bytes_of(world, world.get(entity, "ReconRGB"));
  if (!world.has(entity, decoded_alpha_key)) return {colors.begin(), colors.end()};
  const Component& decoded = world.get(entity, decoded_alpha_key);
  const auto alpha = bytes_of(world, decoded);
  const std::size_t sample = dtype_size(decoded.spec.dtype), pixels = alpha.size() / sample;
  const std::size_t color = colors.size() / pixels;
  Bytes out;
  out.reserve(colors.size() + alpha.size());
  for (std::size_t i = 0; i < pixels; ++i) {
    const auto own = colors.subspan(i * color, color), behind = alpha.subspan(i * sample, sample);
    out.insert(out.end(), own.begin(), own.end());
    out.insert(out.end(), behind.begin(), behind.end());
  }
  return out;
}

Image image_of(World& world, EntityId entity) {
  if (!world.has(entity, "ReconRGB")) {
    throw Error(ErrorCode::contract, "the file holds a latent, not a picture; use decompress_latent");
  }
  const Component& picture = world.get(entity, "ReconRGB");
  Image image{picture.spec.shape[0], picture.spec.shape[1], pixels_of(world, entity)};
  image.channels = static_cast<std::uint32_t>(picture.spec.shape[2]) + (world.has(entity, decoded_alpha_key) ? 1 : 0);
  image.dtype = picture.spec.dtype;
  const Metadata& notes = world.metadata(entity);
  if (const auto note = notes.find(digest_matches_key); note != notes.end()) image.digest_matches = note->second != 0;
  return image;
}

// Runs `work(i)` and turns what it throws into a failure of file i, unless errors are to be raised.
template <typename Work>
void guarded(std::size_t i, const Context& context, std::vector<Failure>* failures, Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (context.on_error == OnError::raise) throw;
    if (failures != nullptr) failures->push_back({i, "read", error.code(), error.what()});
  }
}

// Several files, all of which are tried: the first that failed is named by its place.
std::vector<Image> all_or_error(std::span<const File> files, const Context& context) {
  Context collecting = context;
  collecting.on_error = OnError::collect;
  std::vector<Failure> failures;
  std::vector<Image> out = decompress(files, collecting, &failures);
  throw_first(failures, "file");
  return out;
}

// The files at these places, in one world. `reserves`: what each file wants of it.
void decompress_some(std::span<const File> files, std::span<const std::uint64_t> reserves,
                     std::span<const std::size_t> places, const Context& context, std::vector<Image>& out,
                     std::vector<Failure>* failures) {
  std::uint64_t bytes = 0;
  for (const std::size_t i : places) bytes += reserves[i];
  World world(bytes);
  std::vector<EntityId> entities;
  std::map<EntityId, std::size_t> file_of;
  for (const std::size_t i : places) {
    guarded(i, context, failures, [&] {
      entities.push_back(read_file(world, files[i], context.limits));
      file_of[entities.back()] = i;
    });
  }
  Context frugal = context;
  frugal.keep = false;
  const RunResult result = decode_entities(world, entities, frugal);
  for (const EntityId e : result.done) {
    guarded(file_of.at(e), context, failures, [&] {
      Image image = image_of(world, e);
      image.metadata = file_metadata(files[file_of.at(e)], context.limits);
      out[file_of.at(e)] = std::move(image);
    });
  }
  if (failures != nullptr) {
    for (Failure f : result.failed) {
      f.entity = file_of.at(f.entity);
      failures->push_back(std::move(f));
    }
  }
}

}  // namespace

std::vector<Image> decompress(std::span<const File> files, const Context& context, std::vector<Failure>* failures) {
  if (context.on_error == OnError::raise && files.size() > 1) return all_or_error(files, context);
  std::vector<Image> out(files.size());
  std::vector<std::uint64_t> reserves(files.size());
  std::vector<std::size_t> readable;
  for (std::size_t i = 0; i < files.size(); ++i) {
    guarded(i, context, failures, [&] {
      reserves[i] = reserve_for(files[i], context.limits);
      readable.push_back(i);
    });
  }
  if (readable.empty()) return out;
  each_that_fits(readable, context, failures, [&](std::span<const std::size_t> places, std::vector<Failure>* failed) {
    decompress_some(files, reserves, places, context, out, failed);
  });
  return out;
}

Image decompress(File file, const Context& context) {
  Context raising = context;
  raising.on_error = OnError::raise;
  return std::move(decompress({&file, 1}, raising).front());
}

Latent decompress_latent(File file, const Context& context) {
  if (file_info(file, context.limits).source_key != "Latent4") {
    throw Error(ErrorCode::contract, "the file holds a picture, not a latent; use decompress");
  }
  World world(reserve_for(file, context.limits));
  const EntityId entity = read_file(world, file, context.limits);
  Context raising = context;
  raising.on_error = OnError::raise;
  raising.keep = false;
  (void)decode_entities(world, {&entity, 1}, raising);
  const Component& latent = world.get(entity, "Latent4");
  const auto values = world.arena().view<float>(latent.data);
  return {latent.spec.shape, {values.begin(), values.end()}};
}

}  // namespace vaerans
