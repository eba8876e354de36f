// Small files are read whole or not at all, and nothing is waited for.
#include "base/files/small_file.hpp"

#include <sys/stat.h>

#include "fixture.hpp"

namespace vaerans {
namespace {

using test::TempFolder;
using test::write_text;

TEST(SmallFile, BytesUpToTheLimit) {
  const TempFolder folder;
  const auto file = folder.path() / "file";
  write_text(file, "12345");
  EXPECT_EQ(read_small_file(file, 5).bytes, "12345");
  EXPECT_EQ(read_small_file(file, 5).problem, "");
  EXPECT_EQ(read_small_file(file, 4).problem, "it is larger than 4 bytes");
  write_text(file, "");
  EXPECT_EQ(read_small_file(file, 4).problem, "");
}

TEST(SmallFile, WhatIsNoFile) {
  const TempFolder folder;
  EXPECT_EQ(read_small_file(folder.path(), 4).problem, "it is not a regular file");
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_small_file(folder.path() / "pipe", 4).problem, "it is not a regular file");
  EXPECT_EQ(read_small_file(folder.path() / "none", 4).problem, "it cannot be read: No such file or directory");
}

TEST(SmallFile, LinksThatLeadNowhereAreThere) {
  const TempFolder folder;
  test::fs::create_symlink("nowhere", folder.path() / "link");
  EXPECT_TRUE(is_there(folder.path() / "link"));
  EXPECT_FALSE(is_there(folder.path() / "nowhere"));
}

}  // namespace
}  // namespace vaerans
