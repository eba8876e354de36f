#include "store/shard/shard_writer.hpp"

#include <string_view>

#include "store/shard/shard.hpp"

namespace vaerans::store {

ShardWriter::ShardWriter(std::string path, const ShardHeader& header, const std::string& part)
    : path_(std::move(path)), file_(std::make_unique<PartFile>(part, true)), header_(write_shard_header(header)) {
  try {
    file_->append(write_record(RecordKind::header, header_, {}));
  } catch (const Error&) {
    file_->remove();  // the name is free for the next try
    throw;
  }
}

ShardWriter::ShardWriter(const std::string& part)
    : path_(part.substr(0, part.size() - std::string_view(kPart).size())),
      file_(std::make_unique<PartFile>(part, false)) {
  Shard shard(part);
  header_ = write_shard_header(shard.header());
  for (const StoreItem& item : shard.items()) {
    const auto description = std::as_bytes(read_record(shard.record(item).bytes, 0).description);
    entries_.push_back({item.offset, item.bytes, {description.begin(), description.end()}});
  }
  file_->cut(shard.end());
}

void ShardWriter::add(const std::string& key, const ItemFacts& facts, std::span<const NamedBlob> blobs) {
  const ByteBuffer description = write_item(key, facts, blobs);
  std::vector<std::span<const std::byte>> payloads;
  for (const NamedBlob& b : blobs) payloads.push_back(std::as_bytes(std::span(b.blob)));
  add_record(write_record(RecordKind::item, description, payloads), description);
}

void ShardWriter::add_record(std::span<const std::byte> record, std::span<const std::byte> description) {
  const std::uint64_t offset = file_->size();
  file_->append(record);
  entries_.push_back({offset, record.size(), {description.begin(), description.end()}});
}

bool ShardWriter::finish(bool replace) {
  if (entries_.empty()) {
    file_->remove();
    return false;
  }
  const std::uint64_t end = file_->size();
  file_->append(write_index(header_, entries_, end));
  try {
    file_->publish(path_, replace);
  } catch (const Error&) {
    file_->cut(end);  // items may follow
    throw;
  }
  return true;
}

}  // namespace vaerans::store
