// A line in the trace about a decision that no system took.
#pragma once

#include <string>

#include "vaerans/core/context.hpp"

namespace vaerans {

/// Nothing happens where there is no trace. `what`: who decided, as systems are named there.
inline void note(const Context& context, const std::string& what, EntityId entity, const std::string& text) {
  if (context.trace == nullptr) return;
  TraceRecord record;
  record.system = what;
  record.entities = {entity};
  record.notes = {text};
  context.trace->add(std::move(record));
}

}  // namespace vaerans
