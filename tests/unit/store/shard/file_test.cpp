#include "store/shard/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "expect_error.hpp"

namespace vaerans::store {
namespace {

namespace fs = std::filesystem;

class Part : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static void append(PartFile& file, const std::string& text) { file.append(std::as_bytes(std::span(text))); }
  static std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  fs::path folder_ = fs::temp_directory_path() / "vaerans-part-file";
  std::string part_ = folder_ / "x.part", whole_ = folder_ / "x";
};

TEST_F(Part, IsOnesOwnUntilItIsPublished) {
  auto file = std::make_unique<PartFile>(part_, Take::fresh);
  append(*file, "one");
  EXPECT_ERROR(io, "another process is writing it", const PartFile other(part_, Take::existing));
  EXPECT_ERROR(io, "someone sleeps on it", const PartFile other(part_, Take::over, "someone sleeps on it"));
  EXPECT_EQ(text_of(part_), "one") << "who does not get the lock changes nothing";
  file->publish(whole_, false);
  EXPECT_FALSE(file->has_its_name());
  EXPECT_EQ(text_of(whole_), "one");
  EXPECT_ERROR(io, "cannot be written", const PartFile other(part_, Take::existing));
}

// To touch its bytes would end the process.
TEST_F(Part, OfAMappedFileThatWasCutIsAnError) {
  std::ofstream(whole_) << std::string(100'000, 'a');
  const MappedFile file(whole_);
  EXPECT_EQ(file.part(99'998, 2).back(), 'a');
  EXPECT_TRUE(file.part(100'000, 0).empty());
  fs::resize_file(whole_, 100);
  EXPECT_ERROR(io, "has become shorter", (void)file.part(0, 100'000));
  EXPECT_ERROR(io, "bytes up to 99000", (void)file.part(98'000, 1000));
  EXPECT_EQ(file.part(0, 100).front(), 'a');
}

TEST_F(Part, TakesWhatADeadProcessLeft) {
  {
    append(*std::make_unique<PartFile>(part_, Take::fresh), "half");
  }
  EXPECT_ERROR(io, "cannot be written", const PartFile other(part_, Take::fresh));
  {
    PartFile file(part_, Take::existing);
    EXPECT_EQ(file.size(), 4U);
    append(file, "+");
  }
  EXPECT_EQ(text_of(part_), "half+");
  const PartFile file(part_, Take::over);
  EXPECT_EQ(file.size(), 0U);
  EXPECT_EQ(text_of(part_), "");
}

TEST_F(Part, PublishesAndRemovesNoFileButItsOwn) {
  PartFile file(part_, Take::fresh);
  append(file, "mine");
  std::ofstream(whole_) << "whole";
  fs::remove(part_);
  EXPECT_ERROR(io, "or none", file.publish(whole_, true));
  std::ofstream(part_) << "half of another process";
  EXPECT_ERROR(io, "another file has this name", file.publish(whole_, true));
  file.remove();
  EXPECT_TRUE(fs::exists(part_));
  EXPECT_EQ(text_of(whole_), "whole");
}

}  // namespace
}  // namespace vaerans::store
