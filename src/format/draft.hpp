// The layout of files from before format 1.0 ("96 VRS"), which are still read. Nothing writes it.
#pragma once

#include <span>

#include "format/container.hpp"

namespace vaerans {

[[nodiscard]] bool is_draft(std::span<const std::byte> file);

/// Throws what parse_container() throws.
[[nodiscard]] StoredFile parse_draft(std::span<const std::byte> file, const Limits& limits);

}  // namespace vaerans
