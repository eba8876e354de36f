// StoreWriter: items into shards, a shard at a time.
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "store/blob/header.hpp"
#include "store/folder.hpp"
#include "store/shard/file.hpp"
#include "store/shard/shard_writer.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans {

struct StoreWriter::Parts {
  std::string folder;
  WriterOptions options;
  std::uint64_t next_sequence = 1, added = 0;
  struct Hashes {
    std::string source, model;
  };
  std::unordered_map<std::string, Hashes> known;
  std::unique_ptr<store::ShardWriter> shard;
  std::exception_ptr failed;  ///< a shard that has its name, but perhaps not on the disk, is told of as soon as may be
  bool closed = false;
  pid_t process = ::getpid();  ///< after a fork both would write one file
  mutable std::mutex mutex;

  [[nodiscard]] std::string model_of(const std::string& hash) const { return hash.empty() ? options.model.hash : hash; }
  void take_up() const;
  [[nodiscard]] std::string next_path();
  void read_known();
  void require_own_process() const;
  void check_new(const std::string& key, std::size_t arrays) const;
  void add(const std::string& key, std::span<const NamedBlob> blobs, const ItemFacts& facts);
  void append(const std::string& key, std::span<const NamedBlob> blobs, const ItemFacts& facts);
  [[nodiscard]] bool has_to_finish() const { return failed || (shard && shard->bytes() >= options.shard_bytes); }
  void finish_shard();
};

void StoreWriter::Parts::take_up() const {
  for (const std::string& part : store::part_files(folder, options.rank)) {
    if (!options.resume) {
      (void)store::PartFile(part, store::Take::existing);  // not while another process is writing it
      throw Error(ErrorCode::exists, part + ": a writer left it unfinished; resume to keep its items, or remove it");
    }
    salvage_shard(part, options.model);
  }
}

void StoreWriter::Parts::read_known() {
  const LatentStore before(folder);
  for (const ShardInfo& s : before.shards())
    next_sequence = std::max(next_sequence, std::min(s.sequence, store::kMostSequence) + 1);
  for (const std::string& key : before.keys()) {
    const StoreItem& item = before.item(key);
    const std::string& own = item.facts.model_hash;
    known[key] = {item.facts.source_hash, own.empty() ? before.shards()[item.shard].model.hash : own};
  }
}

void StoreWriter::Parts::finish_shard() {
  if (failed) std::rethrow_exception(std::exchange(failed, nullptr));
  if (!shard) return;
  try {
    shard->finish();
  } catch (const Error&) {
    if (!shard->is_open()) shard.reset();
    throw;
  }
  shard.reset();
}

void StoreWriter::Parts::require_own_process() const {
  if (process == ::getpid()) return;
  throw Error(ErrorCode::invalid_argument, folder +
                                               ": a writer belongs to the process that opened it, and this is a "
                                               "fork of that; open one here, with a rank of its own");
}

void StoreWriter::Parts::check_new(const std::string& key, std::size_t arrays) const {
  if (closed) throw Error(ErrorCode::invalid_argument, key + ": the writer is closed; open another one to add to it");
  if (key.empty()) throw Error(ErrorCode::invalid_argument, "an item needs a key that is not empty");
  if (!options.replace && known.contains(key))
    throw Error(ErrorCode::exists,
                key + ": the store has this key already; replace (`latents pack --replace`) makes it anew");
  if (arrays > store::kMaxArrays)
    throw Error(ErrorCode::invalid_argument, key + ": an item of " + std::to_string(arrays) + " arrays; it may have " +
                                                 std::to_string(store::kMaxArrays) + ": make several items of it");
}

namespace {

void check_texts(const std::string& key, const ItemFacts& f, std::span<const NamedBlob> blobs) {
  if (!is_plain_text(key))
    throw Error(ErrorCode::invalid_argument, "a key that is not UTF-8, or has control characters");
  bool plain = true;
  for (const std::string* text : {&f.source_hash, &f.model_hash, &f.flip_of, &f.bucket, &f.user})
    plain = plain && store::can_be_stored(*text);
  for (const NamedBlob& b : blobs) plain = plain && store::can_be_stored(b.name);
  if (plain && key.size() <= store::kMaxText) return;
  throw Error(ErrorCode::invalid_argument,
              key + ": hashes, bucket, names and user data have to be UTF-8 without control characters, up to 1 MiB");
}

}  // namespace

/// A shard's name may say another number than its header: it may have been copied here from another store.
std::string StoreWriter::Parts::next_path() {
  if (next_sequence > store::kMostSequence)
    throw Error(ErrorCode::limit_exceeded, folder + ": sequence numbers end at 2^63, so that no shard can follow");
  std::string path = store::shard_path(folder, next_sequence, options.rank);
  while (std::filesystem::exists(std::filesystem::symlink_status(path)))
    path = store::shard_path(folder, ++next_sequence, options.rank);
  return path;
}

void StoreWriter::Parts::append(const std::string& key, std::span<const NamedBlob> blobs, const ItemFacts& facts) {
  if (has_to_finish()) finish_shard();  // an earlier try has failed: that is told before anything is added
  if (!shard) {
    const std::string path = next_path();
    auto part = std::make_unique<store::PartFile>(path + store::kPart, store::Take::fresh);
    shard =
        std::make_unique<store::ShardWriter>(path, store::ShardHeader{next_sequence, options.model}, std::move(part));
    ++next_sequence;
  }
  shard->add(key, facts, blobs);
  known[key] = {facts.source_hash, model_of(facts.model_hash)};
  ++added;
  try {
    if (has_to_finish()) finish_shard();
  } catch (const Error&) {  // this item is there all the same: the next one, or close(), tries again
    if (!shard) failed = std::current_exception();
  }
}

StoreWriter::StoreWriter(const std::string& folder, WriterOptions options) : parts_(std::make_unique<Parts>()) {
  if (folder.find("://") != std::string::npos)
    throw Error(ErrorCode::invalid_argument,
                folder + ": stores are written into folders; write to a disk, then copy the shards there");
  (void)store::shard_path(folder, 1, options.rank);
  store::check_model(options.model);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(ErrorCode::io, folder + ": cannot be made: " + failed.message());
  parts_->folder = folder;
  parts_->options = std::move(options);
  parts_->next_sequence = std::max<std::uint64_t>(1, parts_->options.sequence);
  parts_->take_up();
  parts_->read_known();
}
StoreWriter::~StoreWriter() = default;

bool StoreWriter::is_current(const std::string& key, const std::string& source_hash,
                             const std::string& model_hash) const {
  const std::scoped_lock lock(parts_->mutex);
  const auto found = parts_->known.find(key);
  return found != parts_->known.end() && found->second.source == source_hash &&
         found->second.model == parts_->model_of(model_hash);
}

void StoreWriter::add(const std::string& key, std::span<const NamedArray> arrays, const ItemFacts& facts) {
  parts_->require_own_process();
  {
    const std::scoped_lock lock(parts_->mutex);
    parts_->check_new(key, arrays.size());
  }
  std::vector<NamedBlob> blobs;
  for (const NamedArray& a : arrays) {
    try {
      // Readers of a store have these limits.
      blob::check_count(blob::geometry_of(a.array.shape, a.options.channel_axis, false).count, {});
      blobs.push_back({a.name, encode_blob(a.array, a.options)});
      (void)blob::read_blob(blobs.back().blob, {});
    } catch (const Error& error) {
      throw Error(error.code(), key + ": " + a.name + ": " + error.what());
    }
  }
  parts_->add(key, blobs, facts);
}

void StoreWriter::add_blobs(const std::string& key, std::span<const NamedBlob> blobs, const ItemFacts& facts) {
  for (const NamedBlob& b : blobs) {
    try {
      blob::check_sum(b.blob);
      (void)blob::read_blob(b.blob, {});
    } catch (const Error& error) {
      throw Error(error.code(), key + ": " + b.name + ": " + error.what());
    }
  }
  parts_->add(key, blobs, facts);
}

void StoreWriter::Parts::add(const std::string& key, std::span<const NamedBlob> blobs, const ItemFacts& facts) {
  require_own_process();
  const std::scoped_lock lock(mutex);
  check_new(key, blobs.size());
  check_texts(key, facts, blobs);
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    const auto same = [&](const NamedBlob& b) { return b.name == blobs[i].name; };
    if (std::ranges::any_of(blobs.first(i), same))
      throw Error(ErrorCode::invalid_argument, key + ": two arrays of the name '" + blobs[i].name + "'");
  }
  append(key, blobs, facts);
}

void StoreWriter::close() {
  parts_->require_own_process();
  const std::scoped_lock lock(parts_->mutex);
  parts_->finish_shard();
  parts_->closed = true;
}

std::uint64_t StoreWriter::items() const noexcept { return parts_->added; }

}  // namespace vaerans
