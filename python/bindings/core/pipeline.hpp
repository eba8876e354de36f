// Pipe as Python holds it, and what running a chain gives.
#pragma once

#include <vector>

#include "bindings.hpp"
#include "core/context.hpp"
#include "core/world.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans::python {

/// A Pipeline, and where it is to run and what is wanted of it, if that was said.
struct PipelineObject : Pipeline {
  WorldPtr world;      ///< nullptr: run() is told
  ContextPtr context;  ///< nullptr: the defaults
  std::string wanted;  ///< out(): the key that a run gives; empty: the last output
};

/// What a run gives, with the world that its components lie in.
struct RunObject : RunResult {
  WorldPtr world;
  bool single = false;  ///< the run was given one id, not a list
};

/// A Pipe with what it points into.
struct PipeObject {
  WorldPtr world;
  ContextPtr context;   ///< may be nullptr
  bool single = false;  ///< made for one entity: out() gives one component
  Pipe pipe;
};

/// An id, or a sequence of ids, such as an array of one axis.
struct EntityArgument {
  std::vector<EntityId> ids;
  bool single = false;
};
[[nodiscard]] EntityArgument entities_of(nb::handle entities);

/// A Pipeline, a System, a recipe, or a list of these.
[[nodiscard]] Pipeline pipeline_from(nb::handle chain);

/// Runs a chain on these entities (None: all of the world).
[[nodiscard]] RunObject run_chain(const Pipeline& chain, const WorldPtr& world, nb::handle entities,
                                  const ContextPtr& context);

}  // namespace vaerans::python
