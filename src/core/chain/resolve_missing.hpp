// What Pipeline::resolve says where there is no chain: what is missing, and who could make it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// The kind of thing that stands under a key: as the systems say, else as the specification has it. Throws
/// Error(contract) where nobody knows the key.
[[nodiscard]] Kind kind_of_key(std::span<const SystemPtr> systems, const std::string& key);

[[nodiscard]] std::string why_unresolved(std::span<const SystemPtr> systems, const ChainState& start,
                                         const std::vector<std::string>& want);

}  // namespace vaerans
