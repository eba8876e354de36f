// Pipe as Python holds it, and what running a chain gives.
#pragma once

#include <vector>

#include "bindings.hpp"
#include "core/context.hpp"
#include "core/world.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans::python {

/// A Pipe with what it points into.
struct PipeObject {
  WorldPtr world;
  ContextPtr context;   ///< may be nullptr
  bool single = false;  ///< made for one entity: out() gives one component
  Pipe pipe;
};

/// An id, or a sequence of ids.
struct EntityArgument {
  std::vector<EntityId> ids;
  bool single = false;
};
[[nodiscard]] EntityArgument entities_of(nb::handle entities);

/// A Pipeline, a System, or a recipe.
[[nodiscard]] Pipeline pipeline_from(nb::handle chain);

}  // namespace vaerans::python
