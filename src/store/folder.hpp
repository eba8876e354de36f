// Which files a store consists of, and how new ones are named.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vaerans::store {

/// The shards of a folder by name, or the one that is named. Throws Error(io) where there is nothing.
[[nodiscard]] std::vector<std::string> shard_files(const std::string& path);
/// Unfinished shards of a writer.
[[nodiscard]] std::vector<std::string> part_files(const std::string& folder, const std::string& rank);
/// folder/000012-rank.vls. Throws Error(bad_parameter) for a rank that is no part of a file's name.
[[nodiscard]] std::string shard_path(const std::string& folder, std::uint64_t sequence, const std::string& rank);
/// The number that such a name begins with; 1 where it has none.
[[nodiscard]] std::uint64_t sequence_of(const std::string& path);

}  // namespace vaerans::store
