// What is done to stores beside reading and writing: salvage, compaction.
#include "vaerans/store/store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "expect_error.hpp"
#include "store/shard/file.hpp"
#include "store_fixture.hpp"

namespace vaerans {
namespace {

namespace fs = std::filesystem;

TEST_F(Store, ADamagedRecordInAnUnfinishedShardStaysOut) {
  {
    StoreWriter writer(folder_, rank("a"));
    for (std::uint64_t i = 0; i < 4; ++i) add(writer, std::to_string(i), i);
  }
  const std::string part = folder_ / "000001-a.vls.part";
  std::fstream file(part, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(part) / 2));
  file.write("damage!!", 8);
  file.close();
  ASSERT_EQ(salvage_shard(part), folder_ / "000001-a.vls");
  const LatentStore store(folder_);
  EXPECT_EQ(store.size(), 3U);
  for (const std::string& key : store.keys()) expect_item(store, key, std::stoul(key));
  EXPECT_TRUE(store.verify().empty());
}

TEST_F(Store, AHeaderWithAFlippedBitCostsNoItem) {
  WriterOptions options = rank("a");
  options.model.hash = "of the model";
  {
    StoreWriter writer(folder_, options);
    for (std::uint64_t i = 0; i < 3; ++i) add(writer, std::to_string(i), i);
  }
  const std::string part = folder_ / "000001-a.vls.part", kept = folder_ / "kept";
  fs::copy(part, kept);
  options.resume = true;
  for (const std::size_t byte : {5U, 8U, 10U, 11U, 15U, 20U, 24U}) {
    fs::remove(folder_ / "000001-a.vls");
    fs::copy(kept, part, fs::copy_options::overwrite_existing);
    flip(part, byte);
    const testing::ScopedTrace trace(__FILE__, __LINE__, byte);
    EXPECT_ERROR(corrupt_stream, "header", (void)salvage_shard(part));
    ASSERT_TRUE(fs::exists(part));
    const StoreWriter again(folder_, options);
    const LatentStore store(folder_, {.model_hash = "of the model", .strict = true});
    ASSERT_EQ(store.size(), 3U);
    for (const std::string& key : store.keys()) expect_item(store, key, std::stoul(key));
    EXPECT_TRUE(store.verify().empty());
  }
}

TEST_F(Store, CompactionHealsGapsAndNamesWhatItCannot) {
  {
    StoreWriter writer(folder_, {});
    for (std::uint64_t i = 0; i < 3; ++i) add(writer, std::to_string(i), i);
    writer.close();
  }
  const std::string shard = folder_ / "000001-0.vls", unknown = "typo", first = "0", second = "1";
  EXPECT_ERROR(missing_component, "typo", (void)compact_store(folder_, {&unknown, 1}));
  EXPECT_EQ(LatentStore(folder_).size(), 3U);
  flip(shard, LatentStore(folder_).item("1").offset + 30);
  EXPECT_ERROR(corrupt_stream, "000001-0.vls: 1: ", (void)compact_store(folder_, {&first, 1}));
  (void)compact_store(folder_, {&second, 1});
  flip(shard, 6);  // the header's copy at the front
  EXPECT_EQ(LatentStore(folder_).verify().size(), 1U);
  (void)compact_store(folder_);
  EXPECT_TRUE(LatentStore(folder_).verify().empty());
  EXPECT_EQ(LatentStore(folder_).keys(), (std::vector<std::string>{"0", "2"}));
}

TEST_F(Store, AHeaderThatWasNeverWholeIsNoShard) {
  fs::create_directories(folder_);
  const std::string part = folder_ / "000001-0.vls.part";
  std::ofstream(part) << "VLSR";
  EXPECT_EQ(salvage_shard(part), std::nullopt);
  EXPECT_FALSE(fs::exists(part));
  EXPECT_ERROR(invalid_argument, ".vls.part", (void)salvage_shard(folder_ / "x.vls"));
}

TEST_F(Store, WhatAKilledCompactionLeavesBehindIsNeverTakenForAShard) {
  StoreWriter writer(folder_, {});
  for (std::uint64_t i = 0; i < 3; ++i) add(writer, std::to_string(i), i);
  writer.close();
  std::ofstream(folder_ / "000001-0.vls.compact") << "half a shard";
  WriterOptions options;
  options.resume = options.replace = true;
  StoreWriter again(folder_, options);
  add(again, "1", 9);
  again.close();
  const std::string dropped = "0";
  const Compaction done = compact_store(folder_, {&dropped, 1});
  EXPECT_EQ(done.dropped, 2U);
  const LatentStore store(folder_);
  EXPECT_EQ(store.keys(), (std::vector<std::string>{"2", "1"}));
  expect_item(store, "1", 9);
  EXPECT_TRUE(store.verify().empty());
  EXPECT_FALSE(fs::exists(folder_ / "000001-0.vls.compact"));
}

TEST_F(Store, OneCompactionAtATime) {
  StoreWriter writer(folder_, {});
  for (std::uint64_t i = 0; i < 3; ++i) add(writer, std::to_string(i), i);
  writer.close();
  const std::string dropped = "0", lock = folder_ / "compacting.lock", shard = folder_ / "000001-0.vls";
  {
    const store::PartFile other(lock, store::Take::over);
    EXPECT_ERROR(io, "compacting.lock: another process compacts this store",
                 (void)compact_store(folder_, {&dropped, 1}));
    EXPECT_ERROR(io, "another process compacts this store", (void)compact_store(shard, {&dropped, 1}));
  }
  ASSERT_TRUE(fs::exists(lock)) << "as one that was killed leaves it";
  {
    const store::PartFile other(shard + ".compact", store::Take::fresh);  // as libraries without the lock do
    EXPECT_ERROR(io, ".compact: another process is writing it", (void)compact_store(folder_, {&dropped, 1}));
    EXPECT_TRUE(fs::exists(shard + ".compact")) << "it is the other one's";
  }
  EXPECT_EQ(LatentStore(folder_).size(), 3U);
  EXPECT_EQ(compact_store(folder_, {&dropped, 1}).dropped, 1U);
  EXPECT_FALSE(fs::exists(lock));
  EXPECT_ERROR(io, "no such store", (void)compact_store(folder_ / "nowhere"));
}

// Those that another one keeps from its work are refused as such.
template <typename Work>
void four_at_once(Work work) {
  const auto attempt = [&] {
    try {
      work();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::io) << error.what();
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back(attempt);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Store, CompactionsAtOnceLoseNothing) {
  constexpr std::uint64_t kItems = 40;
  for (const std::uint64_t round : {0U, 1U, 2U, 3U}) {
    WriterOptions options;
    options.replace = true;
    StoreWriter writer(folder_, options);
    for (std::uint64_t i = round == 0 ? 0 : round; i < kItems; i += round == 0 ? 1 : 7)
      add(writer, std::to_string(i), i);
    writer.close();
    four_at_once([&] { (void)compact_store(folder_); });
    const LatentStore store(folder_);
    ASSERT_EQ(store.size(), kItems);
    for (std::uint64_t i = 0; i < kItems; ++i) expect_item(store, std::to_string(i), i);
    EXPECT_TRUE(store.verify().empty());
  }
  for (const auto& entry : fs::directory_iterator(folder_)) EXPECT_EQ(entry.path().extension(), ".vls");
}

TEST_F(Store, SalvagesAtOnceLoseNothing) {
  for (int round = 0; round < 8; ++round) {
    fs::remove_all(folder_);
    {
      StoreWriter writer(folder_, {});
      for (std::uint64_t i = 0; i < 3; ++i) add(writer, std::to_string(i), i);
    }
    const std::string part = folder_ / "000001-0.vls.part";
    if (round % 2 == 0) std::ofstream(part, std::ios::app) << "bytes that belong to no item";
    four_at_once([&] { (void)salvage_shard(part); });
    const LatentStore store(folder_);
    ASSERT_EQ(store.size(), 3U);
    for (std::uint64_t i = 0; i < 3; ++i) expect_item(store, std::to_string(i), i);
    EXPECT_FALSE(fs::exists(part));
  }
}

TEST_F(Store, SalvageTakesNoModelThatReadersRefuse) {
  {
    StoreWriter writer(folder_, {});
    add(writer, "x", 1);
  }
  StoreModel model;
  model.name = "two\nlines";
  EXPECT_ERROR(invalid_argument, "the model's texts", (void)salvage_shard(folder_ / "000001-0.vls.part", model));
}

TEST_F(Store, AnUnfinishedShardDoesNotTakeANameThatIsTaken) {
  {
    StoreWriter writer(folder_, {});
    add(writer, "kept", 1);
    fs::copy(folder_ / "000001-0.vls.part", folder_ / "killed");
    writer.close();
  }
  fs::rename(folder_ / "killed", folder_ / "000001-0.vls.part");
  WriterOptions resume;
  resume.resume = true;
  EXPECT_ERROR(exists, "000001-0.vls: exists already", const StoreWriter writer(folder_, resume));
  EXPECT_ERROR(exists, "000001-0.vls: exists already", const StoreWriter writer(folder_, resume));
  expect_item(LatentStore(folder_), "kept", 1);
  fs::rename(folder_ / "000001-0.vls", folder_ / "other.vls");
  const StoreWriter writer(folder_, resume);
  EXPECT_TRUE(fs::exists(folder_ / "000001-0.vls"));
}

}  // namespace
}  // namespace vaerans
