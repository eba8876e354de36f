// Where the bytes of a shard come from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "vaerans/store/store.hpp"

namespace vaerans::store {

/// A shard's bytes, mapped or elsewhere. Thread-safe.
class ShardSource {
 public:
  ShardSource() = default;
  virtual ~ShardSource() = default;
  ShardSource(const ShardSource&) = delete;
  ShardSource& operator=(const ShardSource&) = delete;

  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
  /// A part that lies within the shard.
  [[nodiscard]] virtual StoredBytes read(std::uint64_t offset, std::uint64_t bytes) const = 0;
  [[nodiscard]] StoredBytes all() const { return read(0, size()); }
};

/// A file of this machine, mapped. Throws Error(io).
[[nodiscard]] std::shared_ptr<const ShardSource> mapped_source(const std::string& path);

/// Files that lie elsewhere, with the ends of all of them, which hold the indices, fetched in two steps. Files whose
/// trailer is damaged are fetched when they are asked for.
[[nodiscard]] std::vector<std::shared_ptr<const ShardSource>> remote_sources(std::span<const RemoteFile> files,
                                                                             const FetchRanges& fetch);

/// Fetches and checks that everything came. Throws Error(io).
[[nodiscard]] std::vector<StoredBytes> fetch_all(std::span<const FileRange> ranges, const FetchRanges& fetch);

}  // namespace vaerans::store
