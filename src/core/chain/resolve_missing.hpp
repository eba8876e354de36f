// What Pipeline::resolve says where there is no chain: what is missing, and who could make it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Whether a key is that of what every chain begins with, a picture or a latent; all else has a past.
[[nodiscard]] bool is_source(std::string_view key);
/// The kind of thing that the specification has under a key.
[[nodiscard]] std::optional<Kind> known_kind(std::string_view key);
/// The kind of thing that stands under a key: as the systems say, else as the specification has it. Throws
/// Error(contract) where nobody knows the key.
[[nodiscard]] Kind kind_of_key(std::span<const SystemPtr> systems, const std::string& key);

[[nodiscard]] std::string why_unresolved(std::span<const SystemPtr> systems, const ChainState& start,
                                         const std::vector<std::string>& want);

}  // namespace vaerans
