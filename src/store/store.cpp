// LatentStore: many shards as one, items by key.
#include "vaerans/store/store.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/parallel.hpp"
#include "store/folder.hpp"
#include "store/shard/shard.hpp"

namespace vaerans {

using store::Shard;

struct LatentStore::Parts {
  std::vector<Shard> shards;
  std::vector<ShardInfo> infos;
  std::vector<StoreDamage> unreadable;
  struct Place {
    std::size_t shard, item;
  };
  std::unordered_map<std::string, Place> places;

  void open(const std::string& file, const StoreOptions& options);
  void index();
  [[nodiscard]] const StoreItem& at(Place p) { return shards[p.shard].items()[p.item]; }
};

namespace {

void refuse_other_model(const std::string& path, const std::string& found, const std::string& wanted) {
  if (wanted.empty() || found == wanted) return;
  throw Error(ErrorCode::model_mismatch, path + ": made by a model with hash '" + found + "', not by '" + wanted +
                                             "' that was asked for; make the items again, or open the store without a "
                                             "model hash");
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

void LatentStore::Parts::open(const std::string& file, const StoreOptions& options) {
  try {
    Shard shard(file);
    refuse_other_model(file, shard.header().model.hash, options.model_hash);
    shards.push_back(std::move(shard));
  } catch (const Error& error) {
    if (options.strict || error.code() == ErrorCode::model_mismatch) throw;
    unreadable.push_back({file, {}, error.what()});
  }
}

void LatentStore::Parts::index() {
  std::ranges::stable_sort(shards, {}, [](const Shard& s) { return s.header().sequence; });
  for (std::size_t s = 0; s < shards.size(); ++s) {
    Shard& shard = shards[s];
    infos.push_back({shard.path(), shard.header().model, shard.header().sequence, shard.bytes().size(),
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
  for (const std::string& file : store::shard_files(path)) parts_->open(file, options);
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

std::span<const std::uint8_t> LatentStore::blob(const std::string& key, const std::string& array) const {
  const StoreItem& found = item(key);
  const ArrayPlace& place = array_of(found, array);
  const Shard& shard = parts_->shards[found.shard];
  try {
    return shard.blob(found, place);
  } catch (const Error& error) {
    throw Error(error.code(), key + ": " + shard.path() + ": " + error.what());
  }
}

BlobInfo LatentStore::info(const std::string& key, const std::string& array) const {
  const auto bytes = blob(key, array);
  try {
    return blob_info(bytes);
  } catch (const Error& error) {
    throw Error(error.code(), key + ": " + error.what());
  }
}

void LatentStore::read(const std::string& key, const std::string& array, NumberType type,
                       std::span<std::byte> out) const {
  const auto bytes = blob(key, array);
  try {
    decode_blob(bytes, type, out);
  } catch (const Error& error) {
    throw Error(error.code(), key + ": " + error.what());
  }
}

void LatentStore::read_batch(std::span<const std::string> keys, const std::string& array, NumberType type,
                             std::span<std::byte> out, unsigned threads) const {
  if (keys.empty()) return;
  if (out.size() % keys.size() != 0)
    throw Error(ErrorCode::invalid_argument, "room for " + std::to_string(out.size()) + " bytes cannot be shared by " +
                                                 std::to_string(keys.size()) + " items");
  const std::size_t each = out.size() / keys.size();
  parallel_for(threads, keys.size(),
               [&](std::size_t i, std::size_t) { read(keys[i], array, type, out.subspan(i * each, each)); });
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
