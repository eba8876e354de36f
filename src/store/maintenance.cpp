// What is done to stores beside reading and writing: salvage, compaction.
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/hash.hpp"
#include "store/folder.hpp"
#include "store/shard/file.hpp"
#include "store/shard/shard.hpp"
#include "store/shard/shard_writer.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans {
namespace {

/// The items of a shard that no later one replaces, in their order.
std::vector<const StoreItem*> living(const LatentStore& all, store::Shard& shard, std::size_t number) {
  std::vector<const StoreItem*> out;
  for (const StoreItem& item : shard.items()) {
    const StoreItem* const current = all.find(item.key);
    if (current != nullptr && current->shard == number && current->offset == item.offset) out.push_back(&item);
  }
  const ShardInfo& info = all.shards()[number];
  if (out.size() == info.items - info.dead) return out;
  throw Error(ErrorCode::io,
              shard.path() + ": it has changed since the compaction began; it stays as it is, try again");
}

/// What may fail while an error is on its way, or where nothing more can be done.
template <class Body>
void quietly(Body body) noexcept {
  try {
    body();
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): files of these names are taken over or overwritten
  }
}

/// A copy that goes unless it is finished: half a shard would keep a full disk full.
struct GoneUnlessFinished {
  explicit GoneUnlessFinished(store::ShardWriter& copy) : writer(copy) {}
  ~GoneUnlessFinished() {
    quietly([this] { writer.discard(); });
  }
  GoneUnlessFinished(const GoneUnlessFinished&) = delete;
  GoneUnlessFinished& operator=(const GoneUnlessFinished&) = delete;
  store::ShardWriter& writer;
};

/// One compaction of a folder at a time, since each goes by what it saw of all shards at first. The system gives the
/// lock free where a process is killed; the file that then stays is taken over.
class OneCompaction {
 public:
  explicit OneCompaction(const std::filesystem::path& store)
      : file_((std::filesystem::is_directory(store) ? store : store.parent_path()) / "compacting.lock",
              store::Take::over, "another process compacts this store; try again when it is done") {}
  ~OneCompaction() {
    quietly([this] { file_.remove(); });
  }
  OneCompaction(const OneCompaction&) = delete;
  OneCompaction& operator=(const OneCompaction&) = delete;

 private:
  store::PartFile file_;
};

std::span<const std::uint8_t> description_of(const store::Shard& shard, const StoreItem& item,
                                             const StoredBytes& record) {
  try {
    return store::read_record(record.bytes, 0).description;
  } catch (const Error& error) {
    throw Error(error.code(), shard.path() + ": " + item.key + ": " + error.what() +
                                  "; the shard stays as it is (to go on without the item, drop its key)");
  }
}

void write_again(store::Shard& shard, std::span<const StoreItem* const> items) {
  // Not *.part: what a killed compaction leaves behind must never be salvaged in place of the whole shard.
  store::ShardWriter writer(shard.path(), shard.header(),
                            std::make_unique<store::PartFile>(shard.path() + ".compact", store::Take::over));
  const GoneUnlessFinished copy(writer);
  for (const StoreItem* item : items) {
    const StoredBytes record = shard.record(*item);
    writer.add_record(std::as_bytes(record.bytes), std::as_bytes(description_of(shard, *item, record)));
  }
  if (!writer.finish(true)) std::filesystem::remove(shard.path());  // nothing lives in it
}

/// Whether items and header follow each other without anything in between.
bool is_gapless(const store::Shard& shard, std::span<const StoreItem* const> items) {
  std::uint64_t at = shard.begin();
  for (const StoreItem* item : items) {
    if (item->offset != at) return false;
    at += item->bytes;
  }
  return shard.begin() != 0 && at == shard.end();
}

/// Whether a writer was killed before its header was whole: no record follows.
bool has_no_header(const std::string& part) {
  const store::MappedFile file(part);
  if (file.bytes().size() < store::kFrameBytes) return true;
  try {
    (void)store::read_record(file.bytes(), 0);
    return false;
  } catch (const Error&) {
    return store::next_record(file.bytes(), store::kAlignment) == file.bytes().size();
  }
}

store::Shard opened_part(const std::string& part, const std::optional<StoreModel>& model) {
  if (!model) return store::Shard(part);
  return store::Shard(part, store::ShardHeader{store::sequence_of(part), *model});
}

/// A copy without what is damaged, and with a header, takes the file's place where something is wrong with it; nothing
/// does where no item is whole. Returns the file that there is, if any.
std::unique_ptr<store::PartFile> healed(std::unique_ptr<store::PartFile> file, const std::optional<StoreModel>& model) {
  const std::string& part = file->path();
  store::Shard shard = opened_part(part, model);
  std::vector<const StoreItem*> whole;
  for (const StoreItem& item : shard.items()) {
    if (shard.check(item).empty()) whole.push_back(&item);
  }
  if (whole.empty() && shard.begin() == 0)
    throw Error(ErrorCode::corrupt_stream,
                part + ": its header is damaged, and no item in it is whole; remove it to go on without them");
  if (!whole.empty() && is_gapless(shard, whole)) return file;
  write_again(shard, whole);
  return whole.empty() ? nullptr : std::make_unique<store::PartFile>(part, store::Take::existing);
}

}  // namespace

std::optional<std::string> salvage_shard(const std::string& part, const std::optional<StoreModel>& model) {
  if (!part.ends_with(".vls.part"))
    throw Error(ErrorCode::invalid_argument, part + ": an unfinished shard's name ends with .vls.part");
  if (model) store::check_model(*model);
  auto file = std::make_unique<store::PartFile>(part, store::Take::existing);  // before a look: nobody is writing it
  if (has_no_header(part)) {
    file->remove();
    return {};
  }
  file = healed(std::move(file), model);
  if (!file) return {};
  store::ShardWriter writer(std::move(file));
  writer.finish();
  return writer.path();
}

std::string hash_of_file(const std::string& path) { return file_sha256(path); }

Compaction compact_store(const std::string& folder, std::span<const std::string> drop) {
  (void)store::shard_files(folder);  // a lock needs a folder that is there
  const OneCompaction lock(folder);
  const LatentStore all(folder);
  const std::set<std::string> dropped(drop.begin(), drop.end());
  for (const std::string& key : dropped) (void)all.item(key);  // nothing is done where one is not there
  Compaction out;
  for (std::size_t s = 0; s < all.shards().size(); ++s) {
    store::Shard shard(all.shards()[s].path);
    auto items = living(all, shard, s);
    std::erase_if(items, [&](const StoreItem* item) { return dropped.contains(item->key); });
    out.bytes_before += shard.source().size();
    const std::uint64_t dead = shard.items().size() - items.size();
    out.dropped += dead;
    const bool has_gaps = shard.damage().empty() && !shard.check_frame().empty();
    if (dead != 0 || has_gaps) write_again(shard, items);
    std::error_code gone;
    const auto size = std::filesystem::file_size(shard.path(), gone);
    out.bytes_after += gone ? 0 : size;
  }
  return out;
}

}  // namespace vaerans
