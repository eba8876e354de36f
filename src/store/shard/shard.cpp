#include "store/shard/shard.hpp"

#include <algorithm>
#include <exception>

#include "store/blob/header.hpp"

namespace vaerans::store {
namespace {

bool is_zero(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

}  // namespace

Shard::Shard(const std::string& path) : path_(path), file_(std::make_shared<MappedFile>(path)) {
  try {
    read_by_index();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unsupported_version) throw Error(error.code(), path + ": " + error.what());
    damage_ = error.what();
    items_.clear();
    walk();
  }
}

void Shard::read_by_index() {
  const Index index = read_index(bytes());
  header_ = read_shard_header(index.header);
  items_.reserve(index.entries.size());
  for (const Index::Entry& e : index.entries) items_.push_back(read_item(e.description, e.offset, e.bytes));
  end_ = index.offset;
}

void Shard::take_header() {
  try {
    const Record first = read_record(bytes(), 0);
    header_ = read_shard_header(first.description);
    end_ = first.bytes;
  } catch (const Error& error) {
    throw Error(error.code(), path_ + ": neither header nor index can be read: " + error.what());
  }
}

void Shard::walk() {
  take_header();
  for (std::uint64_t at = end_; at + kFrameBytes <= bytes().size();) {
    try {
      const Record record = read_record(bytes(), at);
      if (record.kind == RecordKind::index) return;
      if (record.kind == RecordKind::item) items_.push_back(read_item(record.description, at, record.bytes));
      at += record.bytes;
      end_ = at;
    } catch (const Error&) {
      at += kAlignment;  // the next record begins somewhere behind what is damaged
    }
  }
}

std::span<const std::uint8_t> Shard::blob(const StoreItem& item, const ArrayPlace& array) const {
  const Record record = read_record(bytes(), item.offset);
  if (record.kind != RecordKind::item || record.bytes != item.bytes ||
      read_item(record.description, record.offset, record.bytes).key != item.key)
    throw Error(ErrorCode::corrupt_stream, "the index says that it lies at byte " + std::to_string(item.offset) +
                                               ", where another record is; `vaerans latents verify` says more");
  return bytes().subspan(static_cast<std::size_t>(array.offset), static_cast<std::size_t>(array.bytes));
}

std::string Shard::check(const StoreItem& item) const {
  try {
    std::uint64_t end = 0;
    for (const ArrayPlace& array : item.arrays) {
      (void)blob::read_blob(blob(item, array), {}, true);
      end = array.offset + array.bytes;
      if (!is_zero(bytes().subspan(end, padded(end) - end))) return "padding behind '" + array.name + "' is not zero";
    }
    if (item.arrays.empty()) (void)read_record(bytes(), item.offset);
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string Shard::check_frame() const {
  if (!damage_.empty()) return damage_;
  try {
    const Record first = read_record(bytes(), 0);
    if (first.kind != RecordKind::header || !first.payload.empty()) return "the header is damaged";
    const ShardHeader copy = read_shard_header(first.description);
    if (write_shard_header(copy) != write_shard_header(header_)) return "header and index differ";
    std::uint64_t at = first.bytes;
    for (const StoreItem& item : items_) {
      if (item.offset != at) return "bytes between items that belong to none, at byte " + std::to_string(at);
      at += item.bytes;
    }
    const Record index = read_record(bytes(), end_);
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
