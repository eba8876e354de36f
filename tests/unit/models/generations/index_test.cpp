// What lies on the path, as the cards state it.
#include "models/generations/index.hpp"

#include "generations.hpp"
#include "models/model.hpp"

namespace vaerans {
namespace {

using models::is_older_revision;
using test::write_generation;

class IndexTest : public test::OwnModels {};

TEST_F(IndexTest, FoldersOfAnyNameAndThoseOfBefore) {
  const std::string now = write_generation(folder("twin"), "twin", "10", 1);
  const std::string before = write_generation(folder("released/whatever"), "twin", "9", 2);
  test::fs::remove(folder("released/whatever/encoder.onnx"));
  std::vector<ModelGeneration> twins;
  for (const ModelGeneration& one : list_generations()) {
    if (one.name == "twin") twins.push_back(one);
  }
  ASSERT_EQ(twins.size(), 2U);
  EXPECT_EQ(twins[0].hash, now);
  EXPECT_TRUE(twins[0].encodes && twins[0].newest);
  EXPECT_EQ(twins[1].hash, before);
  EXPECT_EQ(twins[1].revision, "9");
  EXPECT_EQ(twins[1].folder, folder("released/whatever").string());
  EXPECT_FALSE(twins[1].encodes || twins[1].newest);
}

TEST_F(IndexTest, WeightsAreNotRead) {
  const std::string hash = write_generation(folder("twin"), "twin", "1", 1);
  test::write_text(folder("twin/decoder.onnx"), "no graph");
  EXPECT_EQ(models::index_models().stated.at(0).hash, hash) << "the card's word";
  EXPECT_ERROR(find_model("twin"), ErrorCode::model_invalid, "not those of the card");
}

TEST_F(IndexTest, ABrokenOneIsTold) {
  write_generation(folder("good"), "good", "1", 1);
  for (const char* text : {"{", "[]", "{\"decoder\": 1}", "{\"name\": \"x\", \"decoder\": {\"sha256\": \"12\"}}",
                           "{\"name\": \"/\", \"decoder\": {\"sha256\": \"\"}}"}) {
    write_generation(folder("broken"), "good", "2", 1);
    test::write_text(folder("broken/model.json"), text);
    std::vector<BrokenModel> broken;
    const auto list = list_generations(&broken);
    ASSERT_EQ(broken.size(), 1U) << text;
    EXPECT_EQ(broken[0].name, "broken");
    EXPECT_TRUE(std::any_of(list.begin(), list.end(), [](const auto& one) { return one.name == "good"; })) << text;
  }
}

TEST_F(IndexTest, AChangedCardIsReadAgain) {
  write_generation(folder("twin"), "twin", "1", 1);
  EXPECT_EQ(models::index_models().stated.at(0).revision, "1");
  test::replace_in(folder("twin/model.json"), "\"revision\": \"1\"", "\"revision\": \"10\"");
  EXPECT_EQ(models::index_models().stated.at(0).revision, "10");
}

TEST_F(IndexTest, ANameMeansItsFolderElseTheHighestRevision) {
  write_generation(folder("a"), "twin", "9", 1);
  write_generation(folder("b"), "twin", "10", 2);
  write_generation(folder("c"), "twin", "11", 4);
  test::fs::remove(folder("c/encoder.onnx"));
  EXPECT_EQ(find_model("twin").folder, folder("b").string()) << "the highest that encodes";
  write_generation(folder("twin"), "twin", "1", 8);
  EXPECT_EQ(find_model("twin").folder, folder("twin").string());
  std::vector<std::string> names;
  for (const ModelInfo& one : list_models()) names.push_back(one.name + " " + one.revision);
  EXPECT_EQ(std::count(names.begin(), names.end(), "twin 1"), 1);
  EXPECT_EQ(models::newest_of(models::index_models(), "nobody"), nullptr);
}

TEST(Revisions, NumbersCountAsNumbers) {
  EXPECT_TRUE(is_older_revision("9", "10"));
  EXPECT_FALSE(is_older_revision("10", "9"));
  EXPECT_TRUE(is_older_revision("4.2", "4.10"));
  EXPECT_TRUE(is_older_revision("4", "4.1"));
  EXPECT_TRUE(is_older_revision("", "1"));
  EXPECT_FALSE(is_older_revision("04", "4"));
  EXPECT_FALSE(is_older_revision("4", "04"));
  EXPECT_TRUE(is_older_revision("a", "b"));
}

}  // namespace
}  // namespace vaerans
