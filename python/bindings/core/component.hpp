// Components as Python holds them: values, so that nothing of them dangles after World.reset().
#pragma once

#include <string>
#include <vector>

#include "bindings.hpp"
#include "core/world.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans::python {

/// A Spec that owns its subbands.
struct SpecObject {
  Kind kind = Kind::image;
  DType dtype = DType::u8;
  Shape shape;
  std::vector<Subband> subbands;

  SpecObject() = default;
  explicit SpecObject(const Spec& spec);
  /// A Spec whose subbands live in `arena`.
  [[nodiscard]] Spec in(Arena& arena) const;
};

struct StepObject {
  std::string system, input_key;
  SpecObject input;
  std::vector<std::byte> side_info;
};

struct ComponentObject {
  WorldPtr world;
  EntityId entity = 0;
  std::string key;
  TensorRef data;
  SpecObject spec;
  std::vector<StepObject> trail;
};

/// The Python object of a component: an instance of the class that vaerans_ecs.components has for its key.
[[nodiscard]] nb::object component_object(const WorldPtr& world, EntityId entity, const std::string& key);

[[nodiscard]] StepObject step_of(const TrailStep& node);
/// Subband objects, or tuples (channel, level, band, offset, h, w).
[[nodiscard]] std::vector<Subband> subbands_of(nb::handle subbands);
[[nodiscard]] nb::bytes to_bytes(std::span<const std::byte> bytes);

}  // namespace vaerans::python
