// A store in a folder of its own for each test, and items that are told apart by the seeds of their numbers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "test_data.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans {

class Store : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("vaerans-store-") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::vector<float> numbers(std::uint64_t seed) { return kernels::test::noise<float>(2 * 8 * 8, seed); }
  static void add(StoreWriter& writer, const std::string& key, std::uint64_t seed) {
    const auto x = numbers(seed);
    const NamedArray array{"latent", {x.data(), NumberType::f32, {2, 8, 8}}, {}};
    ItemFacts facts;
    facts.source_hash = key;
    writer.add(key, {&array, 1}, facts);
  }
  static void expect_item(const LatentStore& store, const std::string& key, std::uint64_t seed) {
    const auto x = numbers(seed);
    std::vector<float> out(x.size());
    store.read(key, "latent", NumberType::f32, std::as_writable_bytes(std::span(out)));
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(out[i], x[i], 0.05) << key;
  }
  static void flip(const std::string& path, std::uint64_t byte) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(byte));
    const int value = file.get() ^ 4;
    file.seekp(static_cast<std::streamoff>(byte));
    file.put(static_cast<char>(value));
  }
  WriterOptions rank(const char* name) {
    WriterOptions options;
    options.rank = name;
    return options;
  }
  std::filesystem::path folder_;
};

}  // namespace vaerans
