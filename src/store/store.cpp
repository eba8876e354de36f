// LatentStore: many shards as one, items by key.
#include "vaerans/store/store.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/parallel.hpp"
#include "store/folder.hpp"
#include "store/shard/shard.hpp"
#include "vaerans/base/npy.hpp"

namespace vaerans {

using store::Shard;

struct LatentStore::Parts {
  FetchRanges fetch;  ///< empty: the shards are mapped
  std::vector<Shard> shards;
  std::vector<ShardInfo> infos;
  std::vector<StoreDamage> unreadable;
  struct Place {
    std::size_t shard, item;
  };
  std::unordered_map<std::string, Place> places;

  using Source = std::shared_ptr<const store::ShardSource>;
  void open(const std::string& file, const StoreOptions& options, const std::function<Source()>& source);
  void index();
  [[nodiscard]] const StoreItem& at(Place p) { return shards[p.shard].items()[p.item]; }
  [[nodiscard]] std::vector<StoredBytes> records(std::span<const StoreItem* const> items) const;
  [[nodiscard]] StoredBytes blob(const StoreItem& item, const std::string& array, const StoredBytes& record) const;
};

namespace {

void refuse_other_model(const std::string& path, const std::string& found, const std::string& wanted) {
  if (wanted.empty() || found == wanted) return;
  throw Error(ErrorCode::model_mismatch, path + ": made by a model with hash '" + found + "', not by '" + wanted +
                                             "' that was asked for; make the items again, or open the store without a "
                                             "model hash");
}

/// Errors with the key in front.
template <class Body>
void named(const std::string& key, Body body) {
  try {
    body();
  } catch (const Error& error) {
    throw Error(error.code(), key + ": " + error.what());
  }
}

const ArrayPlace& array_of(const StoreItem& item, const std::string& name) {
  if (name.empty() && item.arrays.size() == 1) return item.arrays.front();
  std::string names;
  for (const ArrayPlace& array : item.arrays) {
    if (array.name == name) return array;
    names += (names.empty() ? "" : ", ") + array.name;
  }
  throw Error(ErrorCode::missing_component, item.key + ": no array '" + name + "'; there are: " + names);
}

}  // namespace

void LatentStore::Parts::open(const std::string& file, const StoreOptions& options,
                              const std::function<Source()>& source) {
  try {
    Shard shard(file, source());
    refuse_other_model(file, shard.header().model.hash, options.model_hash);
    shards.push_back(std::move(shard));
  } catch (const Error& error) {
    if (options.strict || error.code() == ErrorCode::model_mismatch) throw;
    const std::string text = error.what(), named = file + ": ";
    unreadable.push_back({file, {}, text.starts_with(named) ? text.substr(named.size()) : text});
  }
}

void LatentStore::Parts::index() {
  std::ranges::stable_sort(shards, {}, [](const Shard& s) { return s.header().sequence; });
  for (std::size_t s = 0; s < shards.size(); ++s) {
    Shard& shard = shards[s];
    infos.push_back({shard.path(), shard.header().model, shard.header().sequence, shard.source().size(),
                     shard.items().size(), 0, shard.damage()});
    for (std::size_t i = 0; i < shard.items().size(); ++i) {
      shard.items()[i].shard = s;
      const auto [place, fresh] = places.try_emplace(shard.items()[i].key, Place{s, i});
      if (fresh) continue;
      ++infos[place->second.shard].dead;
      place->second = {s, i};
    }
  }
}

LatentStore::LatentStore(const std::string& path, const StoreOptions& options) : parts_(std::make_unique<Parts>()) {
  for (const std::string& file : store::shard_files(path))
    parts_->open(file, options, [&] { return store::mapped_source(file); });
  parts_->index();
}
LatentStore::LatentStore(std::span<const RemoteFile> files, FetchRanges fetch, const StoreOptions& options)
    : parts_(std::make_unique<Parts>()) {
  parts_->fetch = std::move(fetch);
  const auto sources = store::remote_sources(files, parts_->fetch);
  for (std::size_t i = 0; i < files.size(); ++i) parts_->open(files[i].path, options, [&] { return sources[i]; });
  parts_->index();
}
LatentStore::~LatentStore() = default;
LatentStore::LatentStore(LatentStore&&) noexcept = default;
LatentStore& LatentStore::operator=(LatentStore&&) noexcept = default;

std::size_t LatentStore::size() const noexcept { return parts_->places.size(); }
const std::vector<ShardInfo>& LatentStore::shards() const noexcept { return parts_->infos; }

std::vector<std::string> LatentStore::keys() const {
  std::vector<std::string> out;
  out.reserve(size());
  for (std::size_t s = 0; s < parts_->shards.size(); ++s) {
    const auto& items = parts_->shards[s].items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto place = parts_->places.at(items[i].key);
      if (place.shard == s && place.item == i) out.push_back(items[i].key);
    }
  }
  return out;
}

const StoreItem* LatentStore::find(const std::string& key) const {
  const auto found = parts_->places.find(key);
  return found == parts_->places.end() ? nullptr : &parts_->at(found->second);
}

const StoreItem& LatentStore::item(const std::string& key) const {
  const StoreItem* const found = find(key);
  if (found == nullptr)
    throw Error(ErrorCode::missing_component,
                "no item '" + key + "' among the " + std::to_string(size()) + " of the store");
  return *found;
}

/// The bytes of items, fetched at once where they lie elsewhere.
std::vector<StoredBytes> LatentStore::Parts::records(std::span<const StoreItem* const> items) const {
  std::vector<StoredBytes> out;
  if (!fetch) {
    for (const StoreItem* item : items) out.push_back(shards[item->shard].record(*item));
    return out;
  }
  std::vector<FileRange> ranges;
  for (const StoreItem* item : items) ranges.push_back({shards[item->shard].path(), item->offset, item->bytes});
  return store::fetch_all(ranges, fetch);
}

StoredBytes LatentStore::Parts::blob(const StoreItem& item, const std::string& array, const StoredBytes& record) const {
  const ArrayPlace& place = array_of(item, array);
  try {
    return {Shard::blob(record.bytes, item, place), record.memory};
  } catch (const Error& error) {
    throw Error(error.code(), item.key + ": " + shards[item.shard].path() + ": " + error.what());
  }
}

StoredBytes LatentStore::blob(const std::string& key, const std::string& array) const {
  const StoreItem* const found = &item(key);
  (void)array_of(*found, array);  // before anything is fetched
  return parts_->blob(*found, array, parts_->records({&found, 1}).front());
}

LatentBatch LatentStore::batch(std::span<const std::string> keys, const std::string& array) const {
  std::vector<const StoreItem*> items;
  for (const std::string& key : keys) {
    items.push_back(&item(key));
    (void)array_of(*items.back(), array);
  }
  if (items.empty()) throw Error(ErrorCode::invalid_argument, "a batch of no keys");
  const auto records = parts_->records(items);
  LatentBatch out;
  out.keys_.assign(keys.begin(), keys.end());
  for (std::size_t i = 0; i < items.size(); ++i) {
    out.blobs_.push_back(parts_->blob(*items[i], array, records[i]));
    named(keys[i], [&] { out.readers_.emplace_back(out.blobs_.back().bytes); });
    if (!std::ranges::equal(out.readers_.back().shape(), out.shape()))
      throw Error(ErrorCode::shape, keys[i] + " has shape " + shape_text(out.readers_.back().shape()) + ", " + keys[0] +
                                        " has " + shape_text(out.shape()) + ": no batch");
  }
  return out;
}

void LatentBatch::decode(NumberType type, std::span<std::byte> out, unsigned threads) const {
  if (out.size() % readers_.size() != 0)
    throw Error(ErrorCode::invalid_argument, "room for " + std::to_string(out.size()) + " bytes cannot be shared by " +
                                                 std::to_string(readers_.size()) + " items");
  const std::size_t n = readers_.size(), each = out.size() / n;
  const auto room = [&](std::size_t i) { return out.subspan(i * each, each); };
  const auto one = [&](std::size_t i) { named(keys_[i], [&] { readers_[i].decode(type, room(i)); }); };
  // Two by two, unless that leaves a thread without work.
  const std::size_t together = n >= std::size_t{2} * thread_count(threads) ? 2 : 1;
  const auto some = [&](std::size_t k) {
    const std::size_t i = k * together, next = i + 1;
    const bool two = together == 2 && next < n;
    bool done = false;
    if (two) named(keys_[i], [&] { done = readers_[i].decode_beside(readers_[next], type, room(i), room(next)); });
    if (done) return;
    one(i);
    if (two) one(next);
  };
  if (n <= together) return some(0);
  parallel_for(threads, (n + together - 1) / together, [&](std::size_t k, std::size_t) { some(k); });
}

BlobInfo LatentStore::info(const std::string& key, const std::string& array) const {
  return batch({&key, 1}, array).readers_.front().info();
}

void LatentStore::read(const std::string& key, const std::string& array, NumberType type,
                       std::span<std::byte> out) const {
  batch({&key, 1}, array).decode(type, out);
}

std::vector<StoreDamage> LatentStore::verify(unsigned threads) const {
  std::vector<StoreDamage> out = parts_->unreadable;
  for (Shard& shard : parts_->shards) {
    if (std::string text = shard.check_frame(); !text.empty()) out.push_back({shard.path(), {}, std::move(text)});
    const auto& items = shard.items();
    std::vector<std::string> texts(items.size());
    parallel_for(threads, items.size(), [&](std::size_t i, std::size_t) { texts[i] = shard.check(items[i]); });
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!texts[i].empty()) out.push_back({shard.path(), items[i].key, texts[i]});
    }
  }
  return out;
}

}  // namespace vaerans
