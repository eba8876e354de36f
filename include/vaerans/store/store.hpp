// The conditioning store: arrays by key in append-only shards (docs/latents.md, docs/format_store.md).
//
//   StoreWriter writer("latents", {.model = {.name = "sdxl-vae", .hash = hash}});
//   writer.add("cat.jpg", {{.name = "latent", .array = view}}, {.source_hash = sha});
//   writer.close();
//   const LatentStore store("latents");
//   store.read("cat.jpg", "latent", NumberType::f16, room);
//
// A store is a folder of shards (*.vls), or one shard; it may lie elsewhere, too (RemoteFile). Readers and writers of
// one process or many need no lock: a shard appears when it is complete. Functions of LatentStore that are const may be
// called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vaerans/store/blob.hpp"

namespace vaerans {

/// What made the arrays of a shard, and how a training scales them: (x - shift) * scaling.
struct StoreModel {
  std::string name, hash;
  double scaling = 1, shift = 0;
  std::string user;  ///< anything else, as JSON
};

/// What is known of an item beside its arrays; all of it may be empty.
struct ItemFacts {
  std::string source_hash;              ///< tells whether the item is stale
  std::string model_hash;               ///< empty: that of the shard
  std::uint64_t width = 0, height = 0;  ///< original size, in pixels
  std::uint64_t crop_left = 0, crop_top = 0, crop_width = 0, crop_height = 0;
  std::string flip_of, bucket, user;  ///< user: JSON
};

struct ArrayPlace {
  std::string name;
  std::uint64_t offset = 0, bytes = 0;  ///< the blob in its shard
};

struct StoreItem {
  std::string key;
  ItemFacts facts;
  std::vector<ArrayPlace> arrays;
  std::size_t shard = 0;  ///< index into LatentStore::shards()
  std::uint64_t offset = 0, bytes = 0;
};

struct ShardInfo {
  std::string path;
  StoreModel model;
  std::uint64_t sequence = 0, bytes = 0, items = 0;
  std::uint64_t dead = 0;  ///< items that a later one of the same key replaces
  std::string damage;      ///< empty, or what is wrong with header or index; the items were found without them
};

/// Something wrong in a store: an item by its key, or header, index, bytes between items (empty key).
struct StoreDamage {
  std::string shard, key, text;
};

struct StoreOptions {
  std::string model_hash;  ///< if given, shards of another model are refused: Error(model_mismatch)
  bool strict = true;      ///< false: shards that cannot be read at all are left out, and verify() names them
};

/// Bytes in mapped memory, or as they were fetched: they are there as long as `memory` is.
struct StoredBytes {
  std::span<const std::uint8_t> bytes;
  std::shared_ptr<const void> memory;
};

/// A shard that lies elsewhere, such as in an object store: its name, which decides the order, and its size.
struct RemoteFile {
  std::string path;
  std::uint64_t bytes = 0;
};
struct FileRange {
  std::string path;
  std::uint64_t offset = 0, bytes = 0;
};
/// Brings parts of remote files, all at once; a part may be short where the file is. Called from any
/// thread, from several at once, too; may throw.
using FetchRanges = std::function<std::vector<std::vector<std::uint8_t>>(std::span<const FileRange>)>;

/// Arrays of one shape that were found, and can be decoded.
class LatentBatch {
 public:
  LatentBatch(LatentBatch&&) noexcept = default;
  LatentBatch& operator=(LatentBatch&&) noexcept = default;
  LatentBatch(const LatentBatch&) = delete;
  LatentBatch& operator=(const LatentBatch&) = delete;
  ~LatentBatch() = default;
  [[nodiscard]] std::size_t size() const noexcept { return readers_.size(); }
  [[nodiscard]] NumberType type() const noexcept { return readers_.front().type(); }  ///< the first array's
  [[nodiscard]] std::span<const std::uint64_t> shape() const noexcept { return readers_.front().shape(); }
  /// out holds size() arrays of `type`, one after the other. Throws as decode_blob(), with the key; the first error.
  void decode(NumberType type, std::span<std::byte> out, unsigned threads = 1) const;

 private:
  friend class LatentStore;
  LatentBatch() = default;
  std::vector<std::string> keys_;
  std::vector<StoredBytes> blobs_;
  std::vector<BlobReader> readers_;
};

class LatentStore {
 public:
  /// Throws Error: io, corrupt_stream, unsupported_version, model_mismatch.
  explicit LatentStore(const std::string& path, const StoreOptions& options = {});
  /// Files that lie elsewhere: two fetches for the indices of all of them, one for each read or batch. Throws what
  /// `fetch` throws as well.
  LatentStore(std::span<const RemoteFile> files, FetchRanges fetch, const StoreOptions& options = {});
  ~LatentStore();
  LatentStore(LatentStore&&) noexcept;
  LatentStore& operator=(LatentStore&&) noexcept;

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::vector<std::string> keys() const;  ///< in the order in which they were written
  [[nodiscard]] const StoreItem* find(const std::string& key) const;
  /// Throws Error(missing_component) where there is no such key, or no such array.
  [[nodiscard]] const StoreItem& item(const std::string& key) const;
  [[nodiscard]] const std::vector<ShardInfo>& shards() const noexcept;

  /// The bytes of an array's blob. An empty name means the only array. Throws Error(corrupt_stream) where the shard has
  /// another record than its index says.
  [[nodiscard]] StoredBytes blob(const std::string& key, const std::string& array = {}) const;
  [[nodiscard]] BlobInfo info(const std::string& key, const std::string& array = {}) const;
  void read(const std::string& key, const std::string& array, NumberType type, std::span<std::byte> out) const;
  /// Finds arrays that have one shape and reads their headers. Throws Error, with the key: missing_component, shape
  /// where they differ, corrupt_stream.
  [[nodiscard]] LatentBatch batch(std::span<const std::string> keys, const std::string& array = {}) const;

  /// Reads everything, bit by bit. Empty: the store is whole.
  [[nodiscard]] std::vector<StoreDamage> verify(unsigned threads = 0) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

struct WriterOptions {
  StoreModel model;
  std::string rank = "0";                  ///< names the writer among those that write at the same time
  bool resume = false;                     ///< finish what a writer of this rank left behind when it was killed
  bool replace = false;                    ///< items of keys that are there take their place
  std::uint64_t shard_bytes = 1ULL << 30;  ///< a new shard begins behind so many
  std::uint64_t sequence = 1;              ///< the first shard's number, at least; higher ones replace items of lower
};

struct NamedArray {
  std::string name;
  ArrayView array;
  BlobOptions options;
};
struct NamedBlob {
  std::string name;
  std::vector<std::uint8_t> blob;
};

/// One writer per rank. Thread-safe: arrays are coded in the calling thread, records are appended one after the other.
class StoreWriter {
 public:
  /// Throws Error: io (another process writes under this rank), exists (an unfinished shard of this rank and no
  /// `resume`), invalid_argument (an address instead of a folder), corrupt_stream.
  StoreWriter(const std::string& folder, WriterOptions options);
  /// What was added and not closed stays behind as an unfinished shard.
  ~StoreWriter();

  /// Whether the store has this key with these hashes; an empty model hash means the writer's.
  [[nodiscard]] bool is_current(const std::string& key, const std::string& source_hash,
                                const std::string& model_hash = {}) const;
  /// Throws Error: exists (the key is there, and no `replace`), io (disk full: nothing of the item stays),
  /// invalid_argument (a key or text that readers refuse, more than 4096 arrays), limit_exceeded (an array that readers
  /// would not decode within Limits as they are by default), and what encode_blob() throws, with the key. After any of
  /// them the same item may be added again.
  void add(const std::string& key, std::span<const NamedArray> arrays, const ItemFacts& facts = {});
  /// Arrays that are coded already. Throws as add(), and corrupt_stream for bytes that are no sound blob.
  void add_blobs(const std::string& key, std::span<const NamedBlob> blobs, const ItemFacts& facts = {});
  /// Writes index and trailer, makes sure that they are on the disk, and gives the shard its name. Nothing can be added
  /// any more.
  void close();
  [[nodiscard]] std::uint64_t items() const noexcept;  ///< added by this writer

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Finishes an unfinished shard (*.vls.part): whole items stay, what is damaged does not. Returns its path, or nothing
/// where it held none. `model` made its items if the header that names it is damaged. Throws Error: io (another process
/// is writing it), corrupt_stream (no header and no `model`, or no whole item); the file stays as it is then.
std::optional<std::string> salvage_shard(const std::string& part, const std::optional<StoreModel>& model = {});

/// SHA-256 of a file, as 64 hex digits: a source hash that any program can make. Throws Error(io).
[[nodiscard]] std::string hash_of_file(const std::string& path);

/// What compact_store() did.
struct Compaction {
  std::uint64_t dropped = 0, bytes_before = 0, bytes_after = 0;
};
/// Writes shards with dead items anew without them, and without the keys in `drop`; those, too, where bytes lie between
/// items. Throws Error: missing_component where one of the keys is not there, before anything is done; corrupt_stream,
/// with shard and key, where an item that stays is damaged; io where another compaction of this folder runs.
Compaction compact_store(const std::string& folder, std::span<const std::string> drop = {});

}  // namespace vaerans
