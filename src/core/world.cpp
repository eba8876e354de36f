#include "vaerans/core/world.hpp"

#include <algorithm>
#include <cstring>

#include "vaerans/base/text.hpp"

namespace vaerans {
namespace {

/// The colours of a picture and its alpha, as tensors.
struct Channels {
  std::uint32_t first, count;
};

Channels colors_of(const ImageView& image) { return {0, image.channels - (image.has_alpha() ? 1U : 0U)}; }
Channels alpha_of(const ImageView& image) { return {image.channels - 1, 1}; }

template <typename Sample>
void copy_samples(const ImageView& image, Channels which, Sample* out) {
  for (std::uint64_t y = 0; y < image.height; ++y) {
    const std::uint8_t* const row = image.data + y * image.stride();
    if (which.count == image.channels) {
      std::memcpy(out, row, image.width * image.pixel_bytes());
      out += image.width * which.count;
      continue;
    }
    for (std::uint64_t x = 0; x < image.width; ++x, out += which.count)
      std::memcpy(out, row + (x * image.channels + which.first) * sizeof(Sample), which.count * sizeof(Sample));
  }
}

Shape shape_of(const ImageView& image, Channels which) { return {image.height, image.width, which.count}; }

bool same_kind(const ImageView& a, const ImageView& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels && a.dtype == b.dtype;
}

}  // namespace

void World::check_image(const ImageView& image) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::image_unsupported, what); };
  if (image.height == 0 || image.width == 0 || image.data == nullptr) {
    refuse("the picture is empty (" + std::to_string(image.height) + " x " + std::to_string(image.width) + " pixels)");
  }
  if (image.channels == 0 || image.channels > 4) {
    refuse("the picture has " + std::to_string(image.channels) + " channels; 1 to 4 are grey or RGB, and alpha");
  }
  if (image.dtype != DType::u8 && image.dtype != DType::u16) {
    refuse("the picture has samples of type " + std::string(dtype_name(image.dtype)) + "; u8 or u16 are needed");
  }
  if (image.row_bytes != 0 && image.row_bytes < image.width * image.pixel_bytes()) {
    throw Error(ErrorCode::invalid_argument,
                "row_bytes is smaller than a row of " + std::to_string(image.pixel_bytes()) + "-byte pixels");
  }
}

EntityId World::new_entity() {
  alive_.emplace(next_, Life{});
  return next_++;
}

EntityId World::spawn_image(const ImageView& image) { return spawn_batch_rgb({&image, 1}).front(); }

std::vector<EntityId> World::spawn_batch_rgb(std::span<const ImageView> images) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    try {
      check_image(images[i]);
    } catch (const Error& error) {
      if (images.size() == 1) throw;
      throw Error(error.code(), of_the_list("picture", i, error.what()));
    }
  }
  std::vector<EntityId> ids;
  for (std::size_t i = 0; i < images.size(); ++i) ids.push_back(new_entity());
  try {
    set_channels(ids, images, "RGB", [](const ImageView&) { return true; }, &colors_of);
    set_channels(ids, images, "Alpha", [](const ImageView& image) { return image.has_alpha(); }, &alpha_of);
  } catch (const Error&) {
    for (const EntityId id : ids) despawn(id);
    throw;
  }
  return ids;
}

// Copies some channels of pictures to components; those of one shape lie side by side.
template <typename Has, typename Which>
void World::set_channels(std::span<const EntityId> ids, std::span<const ImageView> images, std::string_view key,
                         Has has, Which which) {
  std::vector<TensorRef> refs(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (refs[i].valid() || !has(images[i])) continue;
    std::vector<std::size_t> same;
    for (std::size_t j = i; j < images.size(); ++j) {
      if (same_kind(images[j], images[i])) same.push_back(j);
    }
    const Shape shape = shape_of(images[i], which(images[i]));
    const TensorRef batch = arena_.alloc_tensor(shape.batched(same.size()), images[i].dtype);
    for (std::size_t k = 0; k < same.size(); ++k) {
      const ImageView& image = images[same[k]];
      const TensorRef ref = refs[same[k]] = arena_.subref_axis0(batch, k);
      if (image.dtype == DType::u16) {
        copy_samples(image, which(image), arena_.view<std::uint16_t>(ref).data());
      } else {
        copy_samples(image, which(image), arena_.view<std::uint8_t>(ref).data());
      }
      set_tensor(ids[same[k]], key, Kind::image, ref);
    }
  }
}

EntityId World::spawn_latent(std::span<const float> values, const Shape& shape) {
  if (shape.rank() != 3 || shape.elements() != values.size()) {
    throw Error(ErrorCode::shape,
                "a latent is (C, h, w); " + shape.str() + " does not fit " + std::to_string(values.size()) + " values");
  }
  const TensorRef ref = arena_.alloc_tensor(shape, DType::f32);
  std::copy(values.begin(), values.end(), arena_.view<float>(ref).begin());
  const EntityId id = new_entity();
  set_tensor(id, "Latent4", Kind::planes, ref);
  return id;
}

void World::reset() {
  alive_.clear();
  for (auto& [key, column] : columns_) column.clear();
  scratch_.clear();
  kept_.clear();
  dead_.clear();
  dead_bytes_ = 0;
  arena_.rewind({});
}

std::vector<EntityId> World::entities() const {
  std::vector<EntityId> out;
  for (const auto& [id, life] : alive_) out.push_back(id);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> World::keys(EntityId entity) const {
  require_alive(entity);
  std::vector<std::string> out;
  for (const auto& [key, column] : columns_) {
    if (column.contains(entity)) out.push_back(key);
  }
  return out;
}

bool World::has(EntityId entity, std::string_view key) const {
  const auto column = columns_.find(canonical_key(key));
  return column != columns_.end() && column->second.contains(entity);
}

const Component& World::get(EntityId entity, std::string_view key) const {
  require_alive(entity);
  if (const auto column = columns_.find(canonical_key(key)); column != columns_.end()) {
    if (const auto found = column->second.find(entity); found != column->second.end()) return found->second;
  }
  std::string there;
  for (const auto& k : keys(entity)) there += (there.empty() ? "" : ", ") + k;
  throw Error(ErrorCode::missing_component, "entity " + std::to_string(entity) + " has no component '" +
                                                std::string(key) + "'; it has: " + (there.empty() ? "none" : there));
}

void World::set(EntityId entity, std::string_view key, const Component& component) {
  require_alive(entity);
  arena_.check(component.data);
  const std::string_view name = canonical_key(key);
  auto column = columns_.find(name);
  if (column == columns_.end()) column = columns_.emplace(std::string(name), Column{}).first;
  const auto [place, is_new] = column->second.try_emplace(entity, component);
  if (is_new) return;
  retire(entity, place->second);
  place->second = component;
}

void World::erase(EntityId entity, std::string_view key) {
  require_alive(entity);
  const auto column = columns_.find(canonical_key(key));
  if (column == columns_.end()) return;
  const auto found = column->second.find(entity);
  if (found == column->second.end()) return;
  retire(entity, found->second);
  column->second.erase(found);
}

void World::forget(EntityId entity, std::string_view key) {
  if (!has(entity, key)) return;
  const TensorRef data = get(entity, key).data;
  erase(entity, key);
  discard(data);
}

void World::discard(const TensorRef& data) {
  if (data.bytes() < Arena::discards_from || !arena_.live(data)) return;
  const auto shares = [&](const auto& item) { return Arena::overlap(item.second.data, data); };
  for (const auto& [name, column] : columns_) {
    if (std::any_of(column.begin(), column.end(), shares)) return;
  }
  arena_.discard(data);
}

void World::discard_scratch() {
  for (const auto& [name, ref] : scratch_) {
    if (arena_.live(ref)) arena_.discard(ref);
  }
}

void World::set_tensor(EntityId entity, std::string_view key, Kind kind, const TensorRef& data) {
  set(entity, key, {data, {kind, data.dtype(), data.shape(), {}}, nullptr});
}

Metadata& World::metadata(EntityId entity) {
  require_alive(entity);
  return alive_.at(entity).metadata;
}

TensorRef World::scratch(std::string_view name, const Shape& shape, DType dtype) {
  const std::uint64_t bytes = shape.elements() * dtype_size(dtype);
  auto found = scratch_.find(name);
  if (found == scratch_.end()) found = scratch_.emplace(std::string(name), TensorRef{}).first;
  TensorRef& kept = found->second;
  const bool live = arena_.live(kept);
  if (!live || kept.bytes() < bytes) {
    if (live) arena_.release(kept);
    kept = arena_.alloc_tensor(Shape{shape.elements()}, dtype);
  }
  return arena_.prefix(kept, shape, dtype);
}

const TrailStep* World::extend_trail(const System& system, std::string_view input_key, const Spec& input,
                                     std::span<const std::byte> side_info, const TrailStep* previous) {
  std::span<const std::byte> kept = side_info;
  const bool is_here = arena_.range_of(side_info.data(), side_info.size()).end != 0;
  if (!side_info.empty() && !is_here) {
    auto* const copy = arena_.alloc_bytes(side_info.size(), 1);
    std::copy(side_info.begin(), side_info.end(), copy);
    kept = {copy, side_info.size()};
  }
  auto* node = new (arena_.alloc_bytes(sizeof(TrailStep), alignof(TrailStep)))
      TrailStep{&system, intern(input_key), input, kept, previous};
  return node;
}

void World::keep(std::shared_ptr<const System> system) {
  if (std::find(kept_.begin(), kept_.end(), system) == kept_.end()) kept_.push_back(std::move(system));
}

void World::require_alive(EntityId entity) const {
  if (alive(entity)) return;
  throw Error(ErrorCode::unknown_entity, "entity " + std::to_string(entity) + " is not alive in this world");
}

}  // namespace vaerans
