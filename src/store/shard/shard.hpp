// One shard: its items by its index, or found one by one where that is damaged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/shard/record.hpp"
#include "store/shard/source.hpp"

namespace vaerans::store {

class Shard {
 public:
  /// Throws Error: io; corrupt_stream where there is no header, neither at the front nor in the index;
  /// unsupported_version.
  explicit Shard(const std::string& path);
  Shard(std::string path, std::shared_ptr<const ShardSource> source);
  /// With `instead` as the header where none can be read: its items are found all the same.
  Shard(const std::string& path, const ShardHeader& instead);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const ShardHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::vector<StoreItem>& items() noexcept { return items_; }
  /// Empty, or what is wrong with header or index.
  [[nodiscard]] const std::string& damage() const noexcept { return damage_; }
  [[nodiscard]] const ShardSource& source() const noexcept { return *source_; }
  /// Where the header ends; 0 where there is none.
  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_; }
  /// Where the last whole record ends.
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }

  /// The bytes of an item, as the source has them.
  [[nodiscard]] StoredBytes record(const StoreItem& item) const { return source_->read(item.offset, item.bytes); }
  /// An array's blob in the item's bytes. Throws Error(corrupt_stream) unless the record there is the item's.
  [[nodiscard]] static std::span<const std::uint8_t> blob(std::span<const std::uint8_t> bytes, const StoreItem& item,
                                                          const ArrayPlace& array);
  /// Every bit of an item: frame, description, checksums of the blobs, padding. Empty, or what is wrong.
  [[nodiscard]] std::string check(const StoreItem& item) const;
  /// What lies outside the items: header, gaps, index, trailer. Empty, or what is wrong.
  [[nodiscard]] std::string check_frame() const;

 private:
  void read(const ShardHeader* instead);
  void read_by_index();
  void walk(const ShardHeader* instead);
  void take_header(std::span<const std::uint8_t> bytes, const ShardHeader* instead);

  std::string path_;
  std::shared_ptr<const ShardSource> source_;
  ShardHeader header_;
  std::vector<StoreItem> items_;
  std::string damage_;
  std::uint64_t begin_ = 0, end_ = 0;
};

}  // namespace vaerans::store
