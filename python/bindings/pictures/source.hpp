// Where the bytes of a .vrs file come from, as Python hands it over.
#pragma once

#include <memory>

#include "bindings.hpp"
#include "vaerans/partial.hpp"

namespace vaerans::python {

/// `data`: bytes, which must outlive the source, the text of a path, or an open file that seeks; only the parts that
/// are asked for are read of the last two. Throws Error(io).
[[nodiscard]] std::unique_ptr<ByteSource> source_of(nb::handle data);

}  // namespace vaerans::python
