// A chain whose steps are replaced one by one.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// The chain with `system_of(step)` in the place of each step's system, between the same components.
template <typename SystemOf>
[[nodiscard]] Pipeline renewed(const Pipeline& chain, SystemOf system_of) {
  Pipeline out;
  for (const Pipeline::Step& step : chain.steps()) out = out.then(system_of(step), step.out, step.from);
  return out;
}

}  // namespace vaerans
