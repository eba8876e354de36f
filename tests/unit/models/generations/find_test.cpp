// A decoder by its hash, wherever it lies and whatever it is called.
#include "models/generations/find.hpp"

#include "generations.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

using test::TempFolder;
using test::write_generation;
using test::fs::path;

class FindByHash : public test::OwnModels {
 protected:
  static std::string reference(const std::string& hash) { return "twin@" + hash.substr(0, 16); }
};

TEST_F(FindByHash, WhateverTheFolderIsCalled) {
  const std::string now = write_generation(folder("twin"), "twin", "2", 1);
  const std::string before = write_generation(folder("released/some name"), "twin", "1", 2);
  EXPECT_EQ(find_model("twin").hash, now);
  EXPECT_EQ(find_model(reference(now)).hash, now);
  for (const std::string& text : {reference(before), before, before.substr(0, 16), "@" + before.substr(0, 8),
                                  "other-name@" + before.substr(0, 16)}) {
    EXPECT_EQ(find_model(text).folder, folder("released/some name").string()) << text;
  }
}

TEST_F(FindByHash, InTheUsersFolder) {
  const path place = home_.path() / "vaerans/models/twin@old";
  const std::string hash = write_generation(place, "twin", "1", 2);
  EXPECT_EQ(find_model(reference(hash)).folder, place.string());
}

TEST_F(FindByHash, WithoutACard) {
  const std::string hash = write_generation(folder("bare"), "bare", "1", 2);
  test::fs::remove(folder("bare/model.json"));
  EXPECT_EQ(find_model(reference(hash)).name, "bare");
}

TEST_F(FindByHash, AFolderThatWasOpened) {
  const TempFolder elsewhere;
  const std::string one = write_generation(elsewhere.path() / "one", "twin", "1", 1);
  const std::string two = write_generation(elsewhere.path() / "two", "twin", "2", 2);
  EXPECT_ERROR(find_model(reference(one)), ErrorCode::model_not_found, "no model 'twin'");
  (void)find_model((elsewhere.path() / "one").string());
  (void)find_model((elsewhere.path() / "two").string());
  EXPECT_EQ(find_model(reference(one)).hash, one);
  EXPECT_EQ(find_model(reference(two)).hash, two);
  EXPECT_EQ(find_model("twin").hash, two) << "the one that was opened last";
}

TEST_F(FindByHash, InAnEarlierSnapshotOfTheCache) {
  const path repository = home_.path() / "hub/models--org--twin";
  const std::string before = write_generation(repository / "snapshots/aaaa", "twin", "", 1);
  const std::string now = write_generation(repository / "snapshots/bbbb", "twin", "", 2);
  for (const char* commit : {"aaaa", "bbbb"}) test::fs::remove(repository / "snapshots" / commit / "model.json");
  test::fs::create_directories(repository / "refs");
  test::write_text(repository / "refs/main", "bbbb");
  EXPECT_EQ(find_model("twin").hash, now);
  EXPECT_EQ(find_model(reference(before)).hash, before);
}

TEST_F(FindByHash, ABrokenCopyHidesNoOther) {
  const std::string hash = write_generation(folder("a"), "twin", "1", 2);
  test::fs::copy(folder("a"), folder("b"));
  test::write_text(folder("a/decoder.onnx"), "no graph");
  test::fs::create_directories(folder("c"));
  test::write_text(folder("c/model.json"), "{");
  EXPECT_EQ(find_model(reference(hash)).folder, folder("b").string());
  test::fs::remove_all(folder("b"));
  EXPECT_ERROR(find_model(reference(hash)), ErrorCode::model_invalid, "vaerans models fetch " + hash.substr(0, 16));
}

TEST_F(FindByHash, TheSameWeightsUnderTwoNames) {
  const std::string hash = write_generation(folder("a"), "other", "1", 2);
  write_generation(folder("b"), "twin", "1", 2);
  EXPECT_EQ(find_model(reference(hash)).name, "twin");
  EXPECT_EQ(find_model("@" + hash).name, "other");
}

TEST_F(FindByHash, WhatIsMissingIsToldWithTheCommand) {
  const std::string command = "`vaerans models fetch 0123456789abcdef`";
  EXPECT_ERROR(find_model("twin@0123456789abcdef"), ErrorCode::model_not_found, command);
  EXPECT_ERROR(find_model("0123456789abcdef"), ErrorCode::model_not_found, command);
  const std::string other = write_generation(folder("twin"), "twin", "1", 2);
  EXPECT_ERROR(find_model("twin@0123456789abcdef"), ErrorCode::model_mismatch, command);
  EXPECT_ERROR(find_model("twin@0123456789abcdef"), ErrorCode::model_mismatch, other.substr(0, 16));
}

}  // namespace
}  // namespace vaerans
