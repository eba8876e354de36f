// Entities that hold planes of a given type, and their values, for the tests of transforms.
#pragma once

#include <vector>

#include "random_data.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::test {

/// An entity whose Latent4 holds seeded noise in [-scale, scale].
template <typename T>
[[nodiscard]] EntityId planes(World& world, const Shape& shape, unsigned seed, float scale) {
  const TensorRef ref = world.arena().alloc_tensor(shape, dtype_of<T>);
  const auto values = noise(shape.elements(), seed, scale);
  const auto view = world.arena().view<T>(ref);
  for (std::size_t i = 0; i < values.size(); ++i) view[i] = static_cast<T>(values[i]);
  const EntityId e = world.new_entity();
  world.set_tensor(e, "Latent4", Kind::planes, ref);
  return e;
}

/// The values of a component, one after the other.
template <typename T>
[[nodiscard]] std::vector<T> values(World& world, EntityId e, const char* key) {
  const auto view = world.arena().view<T>(world.get(e, key).data);
  return {view.begin(), view.end()};
}

}  // namespace vaerans::test
