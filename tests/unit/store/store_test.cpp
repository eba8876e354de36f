#include "vaerans/store/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "expect_error.hpp"
#include "store/shard/record.hpp"
#include "store_fixture.hpp"
#include "test_data.hpp"

namespace vaerans {
namespace {

namespace fs = std::filesystem;

TEST_F(Store, ItemsOfManyThreadsAreAllThere) {
  {
    StoreWriter writer(folder_, {});
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < 10; ++i) add(writer, std::to_string(10 * t + i), 10 * t + i);
      });
    }
    for (std::thread& thread : threads) thread.join();
    writer.close();
    EXPECT_EQ(writer.items(), 40U);
  }
  const LatentStore store(folder_);
  ASSERT_EQ(store.size(), 40U);
  for (std::uint64_t i = 0; i < 40; ++i) expect_item(store, std::to_string(i), i);
  EXPECT_TRUE(store.verify().empty());
}

TEST_F(Store, ABatchIsItsItemsInOrder) {
  StoreWriter writer(folder_, {});
  for (std::uint64_t i = 0; i < 5; ++i) add(writer, std::to_string(i), i);
  writer.close();
  const LatentStore store(folder_);
  const std::vector<std::string> keys{"4", "0", "4", "2"};
  std::vector<float> all(4 * 128), one(128);
  const LatentBatch batch = store.batch(keys);
  ASSERT_EQ(batch.size(), 4U);
  EXPECT_EQ(std::vector<std::uint64_t>(batch.shape().begin(), batch.shape().end()),
            (std::vector<std::uint64_t>{2, 8, 8}));
  for (const unsigned threads : {1U, 2U}) {
    batch.decode(NumberType::f32, std::as_writable_bytes(std::span(all)), threads);
    for (std::size_t k = 0; k < keys.size(); ++k) {
      store.read(keys[k], {}, NumberType::f32, std::as_writable_bytes(std::span(one)));
      EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(128 * k)));
    }
  }
  const auto odd = std::as_writable_bytes(std::span(all)).first(4 * 128 * 4 - 1);
  EXPECT_ERROR(invalid_argument, "4 items", batch.decode(NumberType::f32, odd));
  EXPECT_ERROR(invalid_argument, "no keys", (void)store.batch({}));
  EXPECT_ERROR(missing_component, "no item 'x'", (void)store.batch(std::vector<std::string>{"0", "x"}));
}

TEST_F(Store, BlobsThatAreNoneAreRefusedByTheirNames) {
  StoreWriter writer(folder_, {});
  const auto x = numbers(1);
  NamedBlob blob{"latent", encode_blob({x.data(), NumberType::f32, {2, 8, 8}})};
  writer.add_blobs("good", {&blob, 1});
  blob.blob[blob.blob.size() / 2] ^= 1;
  EXPECT_ERROR(corrupt_stream, "bad: latent: blob: the checksum", writer.add_blobs("bad", {&blob, 1}));
  blob.blob.assign(7, 0);
  EXPECT_ERROR(corrupt_stream, "bad: latent: not a blob", writer.add_blobs("bad", {&blob, 1}));
  writer.close();
  EXPECT_EQ(LatentStore(folder_).keys(), std::vector<std::string>{"good"});
}

/// Shards in memory, and what was asked of them.
struct Elsewhere {
  std::vector<RemoteFile> files;
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<std::size_t> fetches;  ///< ranges of each fetch
  std::mutex mutex;                  ///< verify() fetches in several threads

  explicit Elsewhere(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      bytes.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
      files.push_back({entry.path().filename().string(), bytes.back().size()});
    }
  }
  FetchRanges fetch() {
    return [this](std::span<const FileRange> ranges) {
      {
        const std::scoped_lock lock(mutex);
        fetches.push_back(ranges.size());
      }
      std::vector<std::vector<std::uint8_t>> out;
      for (const FileRange& r : ranges) {
        const auto file = std::ranges::find(files, r.path, &RemoteFile::path);
        const auto& all = bytes[static_cast<std::size_t>(file - files.begin())];
        const std::uint64_t begin = std::min<std::uint64_t>(r.offset, all.size());
        const std::uint64_t end = std::min<std::uint64_t>(begin + r.bytes, all.size());
        out.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(begin),
                         all.begin() + static_cast<std::ptrdiff_t>(end));
      }
      return out;
    };
  }
};

TEST_F(Store, OneThatLiesElsewhereTakesTwoFetchesAndOneForEachRead) {
  WriterOptions options;
  options.shard_bytes = 400;
  StoreWriter writer(folder_, options);
  for (std::uint64_t i = 0; i < 8; ++i) add(writer, std::to_string(i), i);
  writer.close();
  Elsewhere there(folder_);
  ASSERT_GT(there.files.size(), 2U);
  const LatentStore store(there.files, there.fetch());
  EXPECT_EQ(there.fetches, std::vector<std::size_t>(2, there.files.size()));
  EXPECT_EQ(store.keys(), LatentStore(folder_).keys());
  there.fetches.clear();
  expect_item(store, "5", 5);
  const std::vector<std::string> keys{"7", "1", "3"};
  (void)store.batch(keys);
  EXPECT_EQ(there.fetches, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(store.blob("2").bytes.size(), LatentStore(folder_).blob("2").bytes.size());
  EXPECT_TRUE(store.verify().empty());
}

TEST_F(Store, DamageElsewhereIsFoundAndAShortAnswerToldOf) {
  StoreWriter writer(folder_, {});
  for (std::uint64_t i = 0; i < 4; ++i) add(writer, std::to_string(i), i);
  writer.close();
  Elsewhere there(folder_);
  there.bytes[0][there.bytes[0].size() - 3] ^= 1;
  const LatentStore damaged(there.files, there.fetch());
  EXPECT_FALSE(damaged.shards()[0].damage.empty());
  for (std::uint64_t i = 0; i < 4; ++i) expect_item(damaged, std::to_string(i), i);
  there.bytes[0].resize(there.bytes[0].size() / 2);
  EXPECT_ERROR(io, "has the file changed", damaged.read("3", {}, NumberType::f32, {}));
}

TEST_F(Store, ABatchNamesTheDamagedOneOfTwoThatAreDecodedTogether) {
  const std::vector<std::uint64_t> shape{4, 128, 128};
  StoreWriter writer(folder_, {});
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto x = kernels::test::noise<float>(65536, i);
    const NamedArray array{"latent", {x.data(), NumberType::f32, shape}, {}};
    writer.add(std::to_string(i), {&array, 1}, {});
  }
  writer.close();
  const std::vector<std::string> keys{"0", "1", "2", "3"};
  std::vector<float> out(4 * 65536), one(65536);
  const auto room = std::as_writable_bytes(std::span(out));
  LatentStore(folder_).batch(keys).decode(NumberType::f32, room);
  for (std::uint64_t i = 0; i < 4; ++i) {
    LatentStore(folder_).read(keys[i], {}, NumberType::f32, std::as_writable_bytes(std::span(one)));
    ASSERT_TRUE(std::ranges::equal(one, std::span(out).subspan(i * 65536, 65536))) << i;
  }
  const LatentStore store(folder_);
  const StoreItem& third = store.item("3");
  std::fstream file(folder_ / "000001-0.vls", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(third.offset + third.bytes / 2));
  file.write("damage!!", 8);
  file.close();
  EXPECT_ERROR(corrupt_stream, "3: blob: the checksum", store.batch(keys).decode(NumberType::f32, room));
}

TEST_F(Store, AFlippedVersionIsDamageAndNoVersion) {
  {
    StoreWriter writer(folder_, {});
    for (std::uint64_t i = 0; i < 3; ++i) add(writer, std::to_string(i), i);
    writer.close();
  }
  const std::string shard = folder_ / "000001-0.vls";
  const StoreItem last = LatentStore(folder_).item("2");
  flip(shard, last.offset + last.bytes + 5);
  const LatentStore store(folder_);
  EXPECT_EQ(store.size(), 3U);
  EXPECT_EQ(store.verify().size(), 1U);
}

TEST_F(Store, FramesThatLieAreLookedAtForAWhile) {
  {
    StoreWriter writer(folder_, {});
    add(writer, "first", 1);
  }
  const std::string shard = folder_ / "000001-0.vls";
  fs::rename(shard + ".part", shard);
  std::ofstream file(shard, std::ios::app | std::ios::binary);
  constexpr std::uint32_t kFrames = 50000;
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    const std::uint32_t bytes = (kFrames - i) * 24;
    const std::array<std::uint32_t, 6> frame{0x52534C56, 0x0102, bytes, 0, bytes - 24, 0};  // "VLSR", an item
    file.write(reinterpret_cast<const char*>(frame.data()), sizeof(frame));
  }
  file.close();
  const LatentStore store(folder_);
  EXPECT_EQ(store.size(), 1U);
  EXPECT_NE(store.shards()[0].damage.find("too many damaged records"), std::string::npos);
}

TEST_F(Store, WritersSayWhereTheyCannotWrite) {
  EXPECT_ERROR(invalid_argument, "written into folders", const StoreWriter writer("s3://bucket/store", {}));
  StoreWriter writer(folder_, {});
  add(writer, "x", 1);
  EXPECT_ERROR(io, "is writing it", const StoreWriter other(folder_, {}));
  writer.close();
  EXPECT_ERROR(invalid_argument, "y: the writer is closed", add(writer, "y", 2));
}

TEST_F(Store, NumbersBeyondFloat16AreNoInfinities) {
  const std::vector<float> x(64, 1e6F);
  const NamedArray array{"latent", {x.data(), NumberType::f32, {1, 8, 8}}, {}};
  StoreWriter writer(folder_, {});
  writer.add("x", {&array, 1});
  writer.add("y", {&array, 1});
  writer.close();
  const LatentStore store(folder_);
  std::vector<std::uint16_t> out(2 * x.size());
  const std::vector<std::string> keys{"x", "y"};
  const auto room = std::as_writable_bytes(std::span(out));
  EXPECT_ERROR(dtype, "x: numbers beyond 65504", store.read("x", "latent", NumberType::f16, room.first(128)));
  EXPECT_ERROR(dtype, "x: numbers beyond 65504", store.batch(keys).decode(NumberType::f16, room));
}

TEST_F(Store, AShardThatWasCopiedHereIsNeverWrittenOver) {
  for (const char* name : {"a", "b"}) {
    StoreWriter writer(folder_ / name, {});
    add(writer, name, name[0]);
    writer.close();
  }
  // Its name says 2, its header 1.
  fs::copy(folder_ / "b" / "000001-0.vls", folder_ / "a" / "000002-0.vls");
  StoreWriter writer(folder_ / "a", {});
  add(writer, "c", 'c');
  writer.close();
  const LatentStore store(folder_ / "a");
  for (const char* name : {"a", "b", "c"}) expect_item(store, name, name[0]);
}

TEST_F(Store, AWriterGoesOnWhereTheNameHasBecomeFree) {
  StoreWriter writer(folder_, {});
  add(writer, "a", 1);
  std::ofstream(folder_ / "000001-0.vls") << "in the way";
  EXPECT_ERROR(exists, "exists already", writer.close());
  fs::remove(folder_ / "000001-0.vls");
  add(writer, "b", 2);
  writer.close();
  expect_item(LatentStore(folder_), "a", 1);
  expect_item(LatentStore(folder_), "b", 2);
  EXPECT_TRUE(LatentStore(folder_).verify().empty());
}

TEST_F(Store, AShardOfTheHighestNumberEndsTheStore) {
  WriterOptions last;
  last.sequence = 1ULL << 63U;
  {
    StoreWriter writer(folder_, last);
    add(writer, "x", 1);
    writer.close();
  }
  StoreWriter writer(folder_, {});
  EXPECT_ERROR(limit_exceeded, "no shard can follow", add(writer, "y", 2));
  expect_item(LatentStore(folder_), "x", 1);
}

TEST_F(Store, AShardThatCannotBeFinishedCostsNoItem) {
  WriterOptions options;
  options.shard_bytes = 400;
  StoreWriter writer(folder_, options);
  add(writer, "a", 1);
  std::ofstream(folder_ / "000001-0.vls") << "in the way";
  add(writer, "b", 2);  // fills the shard: the item is there, whatever becomes of the shard
  ASSERT_GE(fs::file_size(folder_ / "000001-0.vls.part"), options.shard_bytes);
  for (int i = 0; i < 2; ++i) EXPECT_ERROR(exists, "000001-0.vls: exists already", add(writer, "c", 3));
  fs::remove(folder_ / "000001-0.vls");
  add(writer, "c", 3);
  writer.close();
  EXPECT_EQ(writer.items(), 3U);
  const LatentStore store(folder_);
  EXPECT_EQ(store.keys(), (std::vector<std::string>{"a", "b", "c"}));
  for (std::uint64_t i = 0; i < 3; ++i) expect_item(store, store.keys()[i], i + 1);
}

TEST_F(Store, WritersTakeWhatReadersTakeAndNoMore) {
  StoreWriter writer(folder_, {});
  const auto x = numbers(1);
  const auto blob = encode_blob({x.data(), NumberType::f32, {2, 8, 8}});
  std::vector<NamedBlob> blobs;
  std::vector<NamedArray> arrays;
  for (int i = 0; i < 4096; ++i) {
    blobs.push_back({std::to_string(i), blob});
    arrays.push_back({std::to_string(i), {x.data(), NumberType::f32, {2, 8, 8}}, {}});
  }
  writer.add_blobs("most", blobs);
  blobs.push_back({"another", blob});
  arrays.push_back({"another", {}, {}});
  EXPECT_ERROR(invalid_argument, "many: an item of 4097 arrays; it may have 4096", writer.add_blobs("many", blobs));
  EXPECT_ERROR(invalid_argument, "many: an item of 4097 arrays; it may have 4096", writer.add("many", arrays));
  // Nothing is read of an array that no reader would decode.
  const NamedArray huge{"huge", {x.data(), NumberType::f16, {1ULL << 15U, 1ULL << 15U}}, {}};
  EXPECT_ERROR(limit_exceeded, "x: huge: blob: 1073741824 numbers", writer.add("x", {&huge, 1}));
  add(writer, std::string(store::kMaxText, 'k'), 2);
  EXPECT_ERROR(invalid_argument, "up to 1 MiB", add(writer, std::string(store::kMaxText + 1, 'k'), 2));
  writer.close();
  const LatentStore store(folder_);
  ASSERT_EQ(store.size(), 2U);
  EXPECT_EQ(store.item("most").arrays.size(), 4096U);
  EXPECT_TRUE(store.verify().empty());
}

TEST_F(Store, WhatIsNoRegularFileIsNoShard) {
  fs::create_directories(folder_);
  const std::string pipe = folder_ / "1.vls";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_ERROR(io, "not a regular file", const LatentStore store(folder_));
  const auto damages = LatentStore(folder_, {.model_hash = {}, .strict = false}).verify();
  ASSERT_EQ(damages.size(), 1U);
  EXPECT_EQ(damages[0].shard, pipe);
  EXPECT_TRUE(damages[0].text.starts_with("not a regular file")) << damages[0].text;
  EXPECT_ERROR(io, "not a regular file", (void)hash_of_file(pipe));
}

TEST_F(Store, AFailedItemNamesItsKey) {
  StoreWriter writer(folder_, {});
  const std::vector<float> bad{1, NAN};
  const NamedArray array{"x", {bad.data(), NumberType::f32, {2}}, {}};
  EXPECT_ERROR(non_finite, "photo 7: x: ", writer.add("photo 7", {&array, 1}));
  EXPECT_ERROR(invalid_argument, "key", writer.add("", {&array, 1}));
  writer.close();
  EXPECT_EQ(LatentStore(folder_).size(), 0U);
}

}  // namespace
}  // namespace vaerans
