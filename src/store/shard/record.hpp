// Records: what a shard is made of. See docs/format_store.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans::store {

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::uint64_t kMostSequence = 1ULL << 63U;   ///< that a writer gives; one of a shard may be higher
inline constexpr std::uint64_t kMaxText = 1U << 20U;          ///< bytes of a key, a hash, user data
inline constexpr std::uint64_t kMaxArrays = 4096;             ///< that an item has
inline constexpr std::uint64_t kMaxDescription = 0xFFFFFFFF;  ///< bytes of a record's description
inline constexpr std::size_t kFrameBytes = 24, kAlignment = 8, kTrailerBytes = 16;

enum class RecordKind : std::uint8_t { header = 1, item = 2, index = 3 };

/// A record as it lies in a shard.
struct Record {
  RecordKind kind = RecordKind::header;
  std::uint64_t offset = 0, bytes = 0;
  std::span<const std::uint8_t> description, payload;
};

/// Frame, description and payload, each padded to eight bytes.
[[nodiscard]] ByteBuffer write_record(RecordKind kind, std::span<const std::byte> description,
                                      std::span<const std::span<const std::byte>> payloads);

/// The eight bytes of a record's size, of an index's offset or length.
[[nodiscard]] std::uint64_t get_u64(ByteReader& in);

/// The record at `offset`. Throws Error: corrupt_stream (no record, damaged, reaches beyond the end),
/// unsupported_version.
[[nodiscard]] Record read_record(std::span<const std::uint8_t> shard, std::uint64_t offset);

/// Where the next record may begin, from that byte on; the shard's size where none does.
[[nodiscard]] std::uint64_t next_record(std::span<const std::uint8_t> shard, std::uint64_t from);
/// How long a frame that is there says its description to be.
[[nodiscard]] std::uint64_t described_bytes(std::span<const std::uint8_t> shard, std::uint64_t offset);

struct ShardHeader {
  std::uint64_t sequence = 0;
  StoreModel model;
};
[[nodiscard]] ByteBuffer write_shard_header(const ShardHeader& header);
[[nodiscard]] ShardHeader read_shard_header(std::span<const std::uint8_t> description);

[[nodiscard]] ByteBuffer write_item(const std::string& key, const ItemFacts& facts, std::span<const NamedBlob> blobs);
/// The record lies at `offset` and has `bytes`.
[[nodiscard]] StoreItem read_item(std::span<const std::uint8_t> description, std::uint64_t offset, std::uint64_t bytes);

/// A record and its description, as the index lists them.
struct IndexEntry {
  std::uint64_t offset = 0, bytes = 0;
  std::vector<std::byte> description;
};
/// The index record and the trailer, for a shard that ends at `offset`.
[[nodiscard]] ByteBuffer write_index(std::span<const std::byte> header, std::span<const IndexEntry> entries,
                                     std::uint64_t offset);
struct Index {
  StoredBytes memory;  ///< what the spans lie in
  std::span<const std::uint8_t> header;
  struct Entry {
    std::uint64_t offset, bytes;
    std::span<const std::uint8_t> description;
  };
  std::vector<Entry> entries;
  std::uint64_t offset = 0;  ///< where the items end
};
class ShardSource;
/// Throws Error: corrupt_stream, unsupported_version, and what the source throws.
[[nodiscard]] Index read_index(const ShardSource& shard);
/// Where the index record begins, by the last bytes of a shard of this size; nothing if they are damaged.
[[nodiscard]] std::optional<std::uint64_t> index_offset(std::span<const std::uint8_t> trailer, std::uint64_t size);

[[nodiscard]] constexpr std::uint64_t padded(std::uint64_t bytes) noexcept {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace vaerans::store
