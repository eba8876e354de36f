// The models of a tree, found from a header that lies in it.
#include "models/installed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "vaerans/models.hpp"

namespace vaerans {
namespace {

namespace fs = std::filesystem;

class TreeModels : public testing::Test {
 protected:
  TreeModels() : root_(fs::path(testing::TempDir()) / "tree of ") {
    root_ += testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(root_);
  }
  ~TreeModels() override { fs::remove_all(root_); }

  [[nodiscard]] std::string header() const { return (root_ / "lib/../include/vaerans/vaerans.hpp").string(); }
  [[nodiscard]] static bool is_on_path(const fs::path& folder) {
    return std::ranges::count(model_paths(), folder.string()) == 1;
  }

  fs::path root_;
};

TEST_F(TreeModels, OfAnInstalledTreeAreFound) {
  fs::create_directories(root_ / "share/vaerans/models");
  fs::create_directories(root_ / "models");
  EXPECT_TRUE(add_tree_models(header()));
  EXPECT_TRUE(is_on_path(root_ / "share/vaerans/models"));
  EXPECT_FALSE(is_on_path(root_ / "models"));
}

TEST_F(TreeModels, OfSourcesAreFound) {
  fs::create_directories(root_ / "models");
  EXPECT_TRUE(add_tree_models(header()));
  EXPECT_TRUE(is_on_path(root_ / "models"));
}

TEST_F(TreeModels, AreNotInventedWhereThereAreNone) {
  const auto before = model_paths();
  EXPECT_FALSE(add_tree_models(header()));
  EXPECT_FALSE(add_tree_models("include/vaerans/vaerans.hpp"));  // relative to what, nobody knows any more
  EXPECT_FALSE(add_tree_models(""));
  EXPECT_EQ(model_paths(), before);
}

}  // namespace
}  // namespace vaerans
