// World: entities, their components, and the arena that holds them all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vaerans/core/arena.hpp"
#include "vaerans/core/component.hpp"
#include "vaerans/core/store.hpp"
#include "vaerans/core/system.hpp"
#include "vaerans/core/world_fwd.hpp"

namespace vaerans {

/// An interleaved picture somewhere in memory: h rows of w pixels, `channels` samples each, rows `row_bytes` apart.
struct ImageView {
  const std::uint8_t* data = nullptr;
  std::uint64_t height = 0, width = 0;
  std::uint32_t channels = 3;   ///< grey, grey and alpha, RGB, RGB and alpha: 1 to 4
  std::uint64_t row_bytes = 0;  ///< 0: width × channels × the size of a sample
  DType dtype = DType::u8;      ///< or u16, in the machine's byte order
  [[nodiscard]] std::uint64_t pixel_bytes() const { return channels * dtype_size(dtype); }
  /// Bytes from a row to the next.
  [[nodiscard]] std::uint64_t stride() const { return row_bytes == 0 ? width * pixel_bytes() : row_bytes; }
  [[nodiscard]] bool has_alpha() const noexcept { return channels == 2 || channels == 4; }
};

using Metadata = std::map<std::string, double, std::less<>>;

/// Not synchronised: one thread at a time works on a world.
class World {
 public:
  static constexpr std::uint64_t default_arena_bytes = 512ULL << 20;
  explicit World(std::uint64_t arena_bytes = default_arena_bytes) : arena_(arena_bytes) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] Arena& arena() noexcept { return arena_; }

  /// Ids start at 1, grow by one and are never used twice, not even after reset().
  EntityId new_entity();
  /// Throws Error(image_unsupported) unless spawn_image would accept the picture.
  static void check_image(const ImageView& image);
  /// Copies the picture into the arena: grey and RGB as component RGB, alpha beside it as component Alpha. Throws what
  /// check_image() throws, and ArenaFull; no entity is made then.
  EntityId spawn_image(const ImageView& image);
  /// Pictures of one shape share one contiguous (N, H, W, 3) buffer; ids are in the order given.
  std::vector<EntityId> spawn_batch_rgb(std::span<const ImageView> images);
  /// A latent without a picture: (C, h, w) f32 becomes component Latent4.
  EntityId spawn_latent(std::span<const float> values, const Shape& shape);

  /// Its memory is used again, not at once but before the arena is full; its tensors become stale then.
  void despawn(EntityId entity);
  void reset();  ///< all entities, components, scratch; the arena is rewound to its start

  [[nodiscard]] bool alive(EntityId entity) const noexcept { return alive_.contains(entity); }
  [[nodiscard]] std::vector<EntityId> entities() const;  ///< ascending
  [[nodiscard]] std::vector<std::string> keys(EntityId entity) const;

  [[nodiscard]] bool has(EntityId entity, std::string_view key) const;
  /// Throws Error(unknown_entity), Error(missing_component) with the keys that are there.
  [[nodiscard]] const Component& get(EntityId entity, std::string_view key) const;
  template <typename T>
  [[nodiscard]] const Component& get(EntityId entity) const {
    return get(entity, T::key);
  }
  /// All components under one key, as a map from entities; "Symbols" is another word for "SymbolsU8".
  [[nodiscard]] ComponentStore store(std::string_view key) const { return {*this, key}; }
  template <typename T>
  [[nodiscard]] ComponentStore store() const {
    return store(T::key);
  }
  /// Calls visit(entity, component…) for every entity that has a component of each of these types, ascending:
  /// `world.each<RGB, Latent4>([](EntityId e, const Component& rgb, const Component& latent) { … })`.
  template <typename... T, typename Visit>
  void each(Visit visit) const {
    for (const EntityId e : entities()) {
      if ((has(e, T::key) && ...)) visit(e, get<T>(e)...);
    }
  }
  void set(EntityId entity, std::string_view key, const Component& component);
  void erase(EntityId entity, std::string_view key);  ///< nothing happens if it is not there
  /// erase(), and the memory goes back to the system unless another component lies in it (see Arena::discard).
  void forget(EntityId entity, std::string_view key);
  /// Gives the memory of a tensor that was a component's back to the system, unless a component lies in it.
  void discard(const TensorRef& data);
  /// Writes a tensor of the given kind as a source (no trail).
  void set_tensor(EntityId entity, std::string_view key, Kind kind, const TensorRef& data);

  [[nodiscard]] Metadata& metadata(EntityId entity);

  /// A named buffer, kept and used again while it has bytes enough. Every call leaves its contents undefined, and what
  /// earlier calls gave is not to be used any more: a larger buffer takes the place of a smaller one.
  [[nodiscard]] TensorRef scratch(std::string_view name, const Shape& shape, DType dtype);
  void discard_scratch();  ///< gives the memory of such buffers back to the system; they can be used again

  /// Arena memory for a trail or its side information; lives until reset().
  [[nodiscard]] const TrailStep* extend_trail(const System& system, std::string_view input_key, const Spec& input,
                                              std::span<const std::byte> side_info, const TrailStep* previous);
  /// Keeps a system alive as long as the world may refer to it from a trail.
  void keep(std::shared_ptr<const System> system);

 private:
  friend class Batch;  // counts its runs in running_
  using Column = std::unordered_map<EntityId, Component>;
  struct Life {
    Metadata metadata;
    TensorRef retired;  ///< a chain, in the arena, of the components that were overwritten or erased
  };
  template <typename Has, typename Which>
  void set_channels(std::span<const EntityId> ids, std::span<const ImageView> images, std::string_view key, Has has,
                    Which which);
  void require_alive(EntityId entity) const;
  void retire(EntityId entity, const Component& component);
  void bury(const Component& component);
  template <typename Visit>
  void each_retired(const Life& life, Visit visit);
  [[nodiscard]] std::vector<Arena::Range> reached();
  void collect();
  void drop_unused_systems();

  Arena arena_;
  EntityId next_ = 1;
  std::unordered_map<EntityId, Life> alive_;
  std::map<std::string, Column, std::less<>> columns_;
  std::map<std::string, TensorRef, std::less<>> scratch_;
  std::vector<std::shared_ptr<const System>> kept_;
  std::vector<Arena::Range> dead_;  ///< what despawned entities held and others may still share; see collect()
  std::uint64_t dead_bytes_ = 0;
  unsigned running_ = 0;  ///< steps at work: their inputs stay where they are
};

}  // namespace vaerans
