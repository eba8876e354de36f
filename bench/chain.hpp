// A chain on a world of its own: what a user of the library gets, tables, side information and memory included.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/vaerans.hpp"

namespace vaerans::bench {

// The world is reset for each iteration, so that there are no page faults after the first.
class Chain {
 public:
  Chain(std::string_view recipe, std::uint64_t arena_bytes, unsigned threads = 1)
      : world_(arena_bytes), pipeline_(Pipeline::parse(recipe)) {
    context_.threads = threads;
    context_.trace = nullptr;
  }

  void reset() {
    world_.reset();
    entities_.clear();
  }
  // A new entity with one tensor.
  template <typename T>
  EntityId add(std::string_view key, Kind kind, const Shape& shape, std::span<const T> values) {
    entities_.push_back(world_.new_entity());
    set(entities_.back(), key, kind, shape, values);
    return entities_.back();
  }
  template <typename T>
  void set(EntityId entity, std::string_view key, Kind kind, const Shape& shape, std::span<const T> values) {
    const TensorRef ref = world_.arena().alloc_tensor(shape, dtype_of<T>);
    std::memcpy(world_.arena().data(ref), values.data(), values.size_bytes());
    world_.set_tensor(entity, key, kind, ref);
  }
  // Many latents of one shape, one after the other as in a batch.
  template <typename T>
  void add_batch(std::string_view key, Kind kind, std::uint64_t n, const Shape& shape, std::span<const T> values) {
    const TensorRef all = world_.arena().alloc_tensor(shape.batched(n), dtype_of<T>);
    std::memcpy(world_.arena().data(all), values.data(), values.size_bytes());
    for (std::uint64_t i = 0; i < n; ++i) {
      entities_.push_back(world_.new_entity());
      world_.set_tensor(entities_.back(), key, kind, world_.arena().subref_axis0(all, i));
    }
  }

  void run() { pipeline_.run(world_, entities_, context_); }
  // Runs other steps on what run() left.
  void then(const Pipeline& next, std::string_view from) { next.run_from(world_, entities_, from, context_); }

  World& world() { return world_; }
  [[nodiscard]] std::span<const EntityId> entities() const { return entities_; }
  [[nodiscard]] const Component& out(std::string_view key) const { return world_.get(entities_.front(), key); }

 private:
  World world_;
  Pipeline pipeline_;
  Context context_;
  std::vector<EntityId> entities_;
};

}  // namespace vaerans::bench
