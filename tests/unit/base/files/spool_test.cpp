// What is spooled comes back, leaves no name behind, and a folder that cannot be written to is named.
#include "base/files/spool.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "expect_error.hpp"

namespace vaerans::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("spool-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    ::setenv("TMPDIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TMPDIR");
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path folder_;
};

TEST_F(SpoolTest, WhatWasAppendedIsRead) {
  Spool spool;
  spool.append(Bytes{1, 2, 3});
  spool.append(Bytes{4, 5});
  Bytes out(3);
  spool.read(1, out);
  EXPECT_EQ(out, (Bytes{2, 3, 4}));
  EXPECT_EQ(spool.size(), 5U);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SpoolTest, AFolderThatIsNotThereIsNamed) {
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  EXPECT_ERROR(io, "/nowhere/at/all", const Spool spool);
}

}  // namespace
}  // namespace vaerans::test
