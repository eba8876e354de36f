// Cards of anybody's making: whatever stands under that name, the answer is an error that names it, at once.
#include <sys/stat.h>

#include <algorithm>

#include "fixture.hpp"
#include "models/card/json_file.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

using test::model_data;
using test::TempFolder;
using test::Variable;
using test::write_text;
using test::fs::path;

class Cards : public ::testing::Test {
 protected:
  path card(const std::string& model) {
    test::fs::create_directories(root_.path() / model);
    return root_.path() / model / "model.json";
  }
  TempFolder root_;
  Variable model_path_{"VAERANS_MODEL_PATH", root_.path().c_str()};
};

TEST_F(Cards, OnlyRegularFilesAreRead) {
  test::fs::create_directories(card("folder"));
  ASSERT_EQ(mkfifo(card("pipe").c_str(), 0600), 0);
  test::fs::create_symlink("/dev/zero", card("device"));
  for (const char* name : {"folder", "pipe", "device"})
    EXPECT_ERROR(find_model(name), ErrorCode::model_invalid, "model.json: it is not a regular file");
  test::fs::create_symlink("model.json", card("loop"));
  EXPECT_ERROR(find_model("loop"), ErrorCode::model_invalid, "Too many levels of symbolic links");
}

TEST_F(Cards, SizeAndDepthAreBounded) {
  write_text(card("large"), "{");
  test::fs::resize_file(card("large"), (16U << 20) + 1);
  EXPECT_ERROR(find_model("large"), ErrorCode::model_invalid, "larger than 16 MiB");
  const std::size_t depth = 1U << 20;
  write_text(card("deep"), R"({"format":)" + std::string(depth, '[') + std::string(depth, ']') + "}");
  EXPECT_ERROR(find_model("deep"), ErrorCode::model_invalid, "nested more than 64 deep");
}

TEST_F(Cards, ConfigurationsAreReadWithTheSameCare) {
  test::fs::copy(model_data() / "tiny-mean", root_.path() / "tiny");
  test::fs::remove(root_.path() / "tiny" / "model.json");
  ASSERT_EQ(mkfifo((root_.path() / "tiny" / "config.json").c_str(), 0600), 0);
  EXPECT_ERROR(find_model("tiny"), ErrorCode::model_invalid, "config.json: it is not a regular file");
}

TEST_F(Cards, GraphsMustBeRegularFiles) {
  test::fs::copy(model_data() / "tiny-mean", root_.path() / "tiny-mean");
  for (const char* part : {"decoder", "encoder"}) {
    const path file = root_.path() / "tiny-mean" / (std::string(part) + ".onnx");
    test::fs::remove(file);
    ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
    EXPECT_ERROR(find_model("tiny-mean"), ErrorCode::model_invalid,
                 "the " + std::string(part) + "'s file is not a regular file");
    test::fs::remove(file);
    test::fs::copy(model_data() / "tiny-mean" / file.filename(), file);
  }
}

TEST_F(Cards, BrokenOnesHideNoOthers) {
  test::fs::copy(model_data() / "tiny-mean", root_.path() / "tiny-mean");
  test::fs::create_directories(card("broken"));
  std::vector<BrokenModel> broken;
  const auto models = list_models(&broken);
  EXPECT_TRUE(std::ranges::any_of(models, [](const ModelInfo& model) { return model.name == "tiny-mean"; }));
  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(broken[0].name, "broken");
  EXPECT_NE(broken[0].problem.find("not a regular file"), std::string::npos);
}

TEST(JsonFile, DepthIsCountedToTheLimit) {
  const TempFolder folder;
  const path file = folder.path() / "nested.json";
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  write_text(file, nested(models::max_json_depth));
  EXPECT_EQ(models::read_json_file(file, 1U << 20).problem, "");
  write_text(file, nested(models::max_json_depth + 2));
  EXPECT_EQ(models::read_json_file(file, 1U << 20).problem, "its values are nested more than 64 deep");
}

}  // namespace
}  // namespace vaerans
