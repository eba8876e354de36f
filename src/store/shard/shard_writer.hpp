// A shard that is being written, as *.part.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/shard/file.hpp"
#include "store/shard/record.hpp"

namespace vaerans::store {

/// Whether readers take it: they would show control characters, and Python could not hold what is not UTF-8.
[[nodiscard]] bool can_be_stored(const std::string& text);
/// Throws Error(invalid_argument) for texts that no reader takes.
void check_model(const StoreModel& model);

class ShardWriter {
 public:
  /// A new shard that will be `path`, and is `part` until then.
  ShardWriter(std::string path, const ShardHeader& header, std::unique_ptr<PartFile> part);
  /// Takes up an unfinished shard all of whose items are whole: what follows its last record is cut off.
  explicit ShardWriter(std::unique_ptr<PartFile> part);

  /// Throws Error, and nothing of the item stays: io; invalid_argument where names and facts are too long together.
  void add(const std::string& key, const ItemFacts& facts, std::span<const NamedBlob> blobs);
  /// A record as it is, such as one of another shard.
  void add_record(std::span<const std::byte> record, std::span<const std::byte> description);
  /// Index, trailer, disk, name, which may be that of a file to `replace`. Without items the file is removed; returns
  /// whether there is a shard.
  bool finish(bool replace = false);
  /// Whether items may follow: not once the shard has its name, even where finish() could not sync the folder then.
  [[nodiscard]] bool is_open() const noexcept { return file_->has_its_name(); }
  /// An unfinished shard goes; one that is finished stays.
  void discard() { file_->remove(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return file_->size(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  std::unique_ptr<PartFile> file_;
  ByteBuffer header_;
  std::vector<IndexEntry> entries_;
};

inline constexpr const char* kPart = ".part";

}  // namespace vaerans::store
