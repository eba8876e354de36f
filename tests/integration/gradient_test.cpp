// A model's gradient graph: optional, checked like the other networks, and it goes where the model goes.
#include <algorithm>

#include "fixture.hpp"
#include "models/model.hpp"

namespace vaerans {
namespace {

using test::TempFolder;
using test::Variable;
using test::fs::path;

constexpr const char* kName = "photo-f8c4";

class Gradient : public ::testing::Test {
 protected:
  Gradient() { test::fs::copy(test::model_data() / ".." / ".." / ".." / "models" / kName, folder()); }
  path folder() const { return root_.path() / kName; }
  auto opened() const { return models::open_model(folder().string()); }
  ModelCheck check() const {
    const ModelReport report = verify_model(folder().string());
    const auto found = std::ranges::find(report.checks, "gradient", &ModelCheck::what);
    return found == report.checks.end() ? ModelCheck{"none", true, {}} : *found;
  }

  TempFolder root_, home_;
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", (home_.path() / "hub").c_str()};
};

TEST_F(Gradient, LeadsToABetterPicture) {
  EXPECT_TRUE(models::has_gradient(*opened()));
  EXPECT_EQ(find_model(folder().string()).gradient_path, (folder() / "gradient.onnx").string());
  EXPECT_EQ(check().what, "gradient");
  EXPECT_TRUE(check().passed) << check().detail;
}

TEST_F(Gradient, MayBeDeleted) {
  test::fs::remove(folder() / "gradient.onnx");
  EXPECT_FALSE(models::has_gradient(*opened()));
  EXPECT_EQ(models::open_gradient(*opened(), {}), nullptr);
  EXPECT_EQ(check().what, "none");
}

TEST_F(Gradient, IsThatOfTheCard) {
  test::write_text(folder() / "gradient.onnx", test::read_text(folder() / "gradient.onnx") + " ");
  EXPECT_ERROR(opened(), ErrorCode::model_invalid, "'gradient.sha256' says");
}

TEST_F(Gradient, OfAnotherDecoderIsNamed) {
  const std::string hash = opened()->gradient.external.at(0).sha256;
  test::replace_in(folder() / "model.json", R"("decoder.onnx": ")" + hash, R"("decoder.onnx": "0)" + hash.substr(1));
  EXPECT_ERROR(opened(), ErrorCode::model_invalid, "'gradient.external' says another");
}

TEST_F(Gradient, IsAddedWithTheModel) {
  const ModelInfo info = add_model(folder().string(), "mine");
  EXPECT_TRUE(models::has_gradient(*models::open_model(info.folder)));
}

}  // namespace
}  // namespace vaerans
