// One shard, mapped: its items by its index, or found one by one where that is damaged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/shard/file.hpp"
#include "store/shard/record.hpp"

namespace vaerans::store {

class Shard {
 public:
  /// Throws Error: io; corrupt_stream where there is no header, neither at the front nor in the index;
  /// unsupported_version.
  explicit Shard(const std::string& path);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const ShardHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::vector<StoreItem>& items() noexcept { return items_; }
  /// Empty, or what is wrong with header or index.
  [[nodiscard]] const std::string& damage() const noexcept { return damage_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return file_->bytes(); }
  /// Where the last whole record ends.
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }

  /// An array's blob. Throws Error(corrupt_stream) unless the record there is the item's.
  [[nodiscard]] std::span<const std::uint8_t> blob(const StoreItem& item, const ArrayPlace& array) const;
  /// Every bit of an item: frame, description, checksums of the blobs, padding. Empty, or what is wrong.
  [[nodiscard]] std::string check(const StoreItem& item) const;
  /// What lies outside the items: header, gaps, index, trailer. Empty, or what is wrong.
  [[nodiscard]] std::string check_frame() const;

 private:
  void read_by_index();
  void walk();
  void take_header();

  std::string path_;
  std::shared_ptr<MappedFile> file_;
  ShardHeader header_;
  std::vector<StoreItem> items_;
  std::string damage_;
  std::uint64_t end_ = 0;
};

}  // namespace vaerans::store
