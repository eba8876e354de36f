#include "store/shard/shard.hpp"

#include <algorithm>
#include <exception>

#include "store/blob/header.hpp"

namespace vaerans::store {
namespace {

// What a walk may spend on records that are none, for each byte of the shard; and each of them beside its checksum.
constexpr std::uint64_t kPatience = 4, kFailedCosts = 1024;

bool is_zero(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

}  // namespace

Shard::Shard(const std::string& path) : Shard(path, mapped_source(path)) {}
Shard::Shard(const std::string& path, const ShardHeader& instead) : path_(path), source_(mapped_source(path)) {
  read(&instead);
}

Shard::Shard(std::string path, std::shared_ptr<const ShardSource> source)
    : path_(std::move(path)), source_(std::move(source)) {
  read(nullptr);
}

void Shard::read(const ShardHeader* instead) {
  try {
    read_by_index();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io) throw;
    if (error.code() == ErrorCode::unsupported_version) throw Error(error.code(), path_ + ": " + error.what());
    damage_ = error.what();
    items_.clear();
    walk(instead);
  }
}

void Shard::read_by_index() {
  const Index index = read_index(*source_);
  header_ = read_shard_header(index.header);
  items_.reserve(index.entries.size());
  for (const Index::Entry& e : index.entries) items_.push_back(read_item(e.description, e.offset, e.bytes));
  end_ = index.offset;
}

void Shard::take_header(std::span<const std::uint8_t> bytes, const ShardHeader* instead) {
  try {
    const Record first = read_record(bytes, 0);
    header_ = read_shard_header(first.description);
    begin_ = end_ = first.bytes;
  } catch (const Error& error) {
    if (instead == nullptr)
      throw Error(error.code(), path_ + ": neither header nor index can be read: " + error.what());
    header_ = *instead;
  }
}

void Shard::walk(const ShardHeader* instead) {
  const StoredBytes all = source_->all();
  take_header(all.bytes, instead);
  // Damage leaves few frames whose checksum is wrong; bytes that are made to cost time have one in every 24.
  std::uint64_t patience = kPatience * all.bytes.size() + kFailedCosts;
  std::uint64_t at = next_record(all.bytes, end_);
  while (at < all.bytes.size()) {
    try {
      const Record record = read_record(all.bytes, at);
      if (record.kind == RecordKind::index) return;
      if (record.kind == RecordKind::item) items_.push_back(read_item(record.description, at, record.bytes));
      end_ = at + record.bytes;
      at = next_record(all.bytes, end_);
    } catch (const Error&) {
      const std::uint64_t cost = kFailedCosts + described_bytes(all.bytes, at);
      if (cost > patience) return void(damage_ += "; too many damaged records to look at what follows");
      patience -= cost;
      at = next_record(all.bytes, at + kAlignment);  // somewhere behind what is damaged
    }
  }
}

std::span<const std::uint8_t> Shard::blob(std::span<const std::uint8_t> bytes, const StoreItem& item,
                                          const ArrayPlace& array) {
  const Record record = read_record(bytes, 0);
  if (record.kind != RecordKind::item || record.bytes != item.bytes ||
      read_item(record.description, item.offset, record.bytes).key != item.key)
    throw Error(ErrorCode::corrupt_stream, "the index says that it lies at byte " + std::to_string(item.offset) +
                                               ", where another record is; `vaerans latents verify` says more");
  return bytes.subspan(static_cast<std::size_t>(array.offset - item.offset), static_cast<std::size_t>(array.bytes));
}

std::string Shard::check(const StoreItem& item) const {
  try {
    const StoredBytes bytes = record(item);
    for (const ArrayPlace& array : item.arrays) {
      const auto coded = blob(bytes.bytes, item, array);
      vaerans::blob::check_sum(coded);
      (void)vaerans::blob::read_blob(coded, {});
      const std::uint64_t end = array.offset + array.bytes;
      const auto rest =
          bytes.bytes.subspan(static_cast<std::size_t>(end - item.offset), static_cast<std::size_t>(padded(end) - end));
      if (!is_zero(rest)) return "padding behind '" + array.name + "' is not zero";
    }
    if (item.arrays.empty()) (void)read_record(bytes.bytes, 0);
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string Shard::check_frame() const {
  if (!damage_.empty()) return damage_;
  try {
    const StoredBytes front = source_->read(0, items_.empty() ? end_ : items_.front().offset);
    const Record first = read_record(front.bytes, 0);
    if (first.kind != RecordKind::header || !first.payload.empty()) return "the header is damaged";
    const ShardHeader copy = read_shard_header(first.description);
    if (write_shard_header(copy) != write_shard_header(header_)) return "header and index differ";
    std::uint64_t at = first.bytes;
    for (const StoreItem& item : items_) {
      if (item.offset != at) return "bytes between items that belong to none, at byte " + std::to_string(at);
      at += item.bytes;
    }
    const StoredBytes rest = source_->read(end_, source_->size() - end_);
    const Record index = read_record(rest.bytes, 0);
    ByteReader about(std::as_bytes(index.description), "shard index");
    const std::uint64_t listed = get_u64(about);
    if (at != end_ || !is_zero(index.payload.subspan(std::min<std::size_t>(listed, index.payload.size()))))
      return "bytes behind the items that belong to none";
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace vaerans::store
