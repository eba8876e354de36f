#include "store/shard/shard_writer.hpp"

#include <string_view>

#include "store/shard/shard.hpp"
#include "vaerans/base/text.hpp"

namespace vaerans::store {

bool can_be_stored(const std::string& text) { return is_plain_text(text) && text.size() <= kMaxText; }

void check_model(const StoreModel& model) {
  for (const std::string* text : {&model.name, &model.hash, &model.user}) {
    if (!can_be_stored(*text))
      throw Error(ErrorCode::invalid_argument,
                  "the model's texts have to be UTF-8 without control characters, up to 1 MiB");
  }
}

ShardWriter::ShardWriter(std::string path, const ShardHeader& header, std::unique_ptr<PartFile> part)
    : path_(std::move(path)), file_(std::move(part)), header_(write_shard_header(header)) {
  try {
    file_->append(write_record(RecordKind::header, header_, {}));
  } catch (const Error&) {
    discard();  // the name is free for the next try
    throw;
  }
}

ShardWriter::ShardWriter(std::unique_ptr<PartFile> part)
    : path_(part->path().substr(0, part->path().size() - std::string_view(kPart).size())), file_(std::move(part)) {
  Shard shard(file_->path());
  header_ = write_shard_header(shard.header());
  for (const StoreItem& item : shard.items()) {
    const auto description = std::as_bytes(read_record(shard.record(item).bytes, 0).description);
    entries_.push_back({item.offset, item.bytes, {description.begin(), description.end()}});
  }
  file_->cut(shard.end());
}

void ShardWriter::add(const std::string& key, const ItemFacts& facts, std::span<const NamedBlob> blobs) {
  const ByteBuffer description = write_item(key, facts, blobs);
  if (description.size() > kMaxDescription)
    throw Error(ErrorCode::invalid_argument, key + ": names and facts of 4 GiB and more");
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
    discard();
    return false;
  }
  const std::uint64_t end = file_->size();
  file_->append(write_index(header_, entries_, end));
  try {
    file_->publish(path_, replace);
  } catch (const Error&) {
    if (is_open()) file_->cut(end);  // items may follow
    throw;
  }
  return true;
}

}  // namespace vaerans::store
