// A Context as Python holds it: with the trace that it fills.
#pragma once

#include <memory>

#include "bindings.hpp"
#include "vaerans/core/context.hpp"

namespace vaerans::python {

struct ContextObject {
  Context context;
  Trace records;
};
using ContextPtr = std::shared_ptr<ContextObject>;

/// The policy of a context that may be missing (nullptr: the defaults).
[[nodiscard]] inline Context context_of(const ContextPtr& context) {
  return context == nullptr ? Context{} : context->context;
}

/// The limits that are given; None: the defaults. Throws Error(bad_parameter) for anything else.
[[nodiscard]] Limits limits_of(nb::handle value);

}  // namespace vaerans::python
