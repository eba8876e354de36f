// The self-check, and adding and removing models.
#include <algorithm>

#include "make_graph.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

using test::Graph;
using test::make;
using test::TempFolder;
using test::Variable;
using test::write_pair;
using test::write_text;
using test::fs::path;

const ModelCheck& check(const ModelReport& report, const std::string& what) {
  const auto found =
      std::find_if(report.checks.begin(), report.checks.end(), [&](const auto& c) { return c.what == what; });
  if (found == report.checks.end()) throw std::runtime_error("no check " + what);
  return *found;
}

class Store : public ::testing::Test {
 protected:
  path folder(const std::string& name) const { return root_.path() / name; }
  path user(const std::string& name) const { return home_.path() / "vaerans" / "models" / name; }

  /// A network that was trained for one pixel range: it clips what lies outside, and rounds.
  path trained(const std::string& name, bool from_zero) {
    Graph encoder;
    encoder.gain = 4;  // rounded to quarters of the network's unit
    encoder.after = {"Round"};
    if (from_zero) encoder.before = {"Clip"};
    write_pair(folder(name), encoder, 4);
    return folder(name);
  }

  TempFolder root_, home_;
  Variable model_path_{"VAERANS_MODEL_PATH", nullptr};
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", (home_.path() / "hub").c_str()};
};

TEST_F(Store, TestModelsPass) {
  for (const char* name : {"tiny-mean", "tiny-moments", "tiny-half", "tiny-fixed"}) {
    const ModelReport report = verify_model((test::model_data() / name).string());
    for (const ModelCheck& one : report.checks)
      EXPECT_TRUE(one.passed) << name << " " << one.what << ": " << one.detail;
    EXPECT_EQ(report.checks.size(), 5U);
    EXPECT_GT(report.psnr_db, 15) << name;
    EXPECT_LT(report.psnr_db, 45) << name << ": blocks painted in their means lose something";
  }
}

TEST_F(Store, WrongPixelRangeIsNamedBothWays) {
  const path positive = trained("taesd", true);
  EXPECT_TRUE(verify_model(positive.string()).passed()) << "the name says [0, 1]";
  const path unknown = trained("other", true);
  ModelReport report = verify_model(unknown.string());
  EXPECT_FALSE(report.passed());
  EXPECT_NE(check(report, "pixel range").detail.find("pixel_range should be [0, 1]"), std::string::npos)
      << check(report, "pixel range").detail;

  const path symmetric = trained("kl", false);
  report = verify_model(symmetric.string());
  EXPECT_TRUE(check(report, "pixel range").passed) << check(report, "pixel range").detail;
  (void)add_model(symmetric.string());
  test::replace_in(user("kl") / "model.json", "-1.0,", "0.0,");
  report = verify_model("kl");
  EXPECT_FALSE(check(report, "pixel range").passed);
  EXPECT_NE(check(report, "pixel range").detail.find("should be [-1, 1]"), std::string::npos);
}

/// Trained networks tolerate a wrong range rather well, which is why the check must notice it.
TEST_F(Store, ShippedModelsPassAndTheirRangeIsTold) {
  std::size_t count = 0;
  for (const auto& entry : test::fs::directory_iterator(test::model_data() / ".." / ".." / ".." / "models")) {
    if (!test::fs::exists(entry.path() / "model.json")) continue;
    ++count;
    const ModelReport good = verify_model(entry.path().string());
    for (const ModelCheck& one : good.checks) EXPECT_TRUE(one.passed) << one.what << ": " << one.detail;
    if (good.model.pixel_low != -1.0F) continue;
    const path wrong = folder(entry.path().filename());
    test::fs::copy(entry.path(), wrong);
    test::replace_in(wrong / "model.json", "-1.0,", "0.0,");
    const ModelReport bad = verify_model(wrong.string());
    EXPECT_NE(check(bad, "pixel range").detail.find("should be [-1, 1]"), std::string::npos)
        << check(bad, "pixel range").detail;
  }
  EXPECT_GE(count, 1U);
}

TEST_F(Store, WrongScalingIsNamed) {
  Graph encoder;
  encoder.gain = 8;
  write_pair(folder("sdxl-vae"), encoder, 4);
  (void)add_model(folder("sdxl-vae").string());
  EXPECT_TRUE(verify_model("sdxl-vae").passed());
  test::replace_in(user("sdxl-vae") / "model.json", "0.13025", "0.18215");
  const ModelReport report = verify_model("sdxl-vae");
  EXPECT_FALSE(check(report, "scaling").passed);
  EXPECT_NE(check(report, "scaling").detail.find("0.1303"), std::string::npos) << check(report, "scaling").detail;
  EXPECT_TRUE(check(report, "round trip").passed) << "scaling undoes itself";
}

TEST_F(Store, SpreadTellsWhereNobodySays) {
  Graph encoder;
  encoder.gain = 40;
  write_pair(folder("unknown"), encoder, 4);
  EXPECT_FALSE(check(verify_model(folder("unknown").string()), "scaling").passed);
  const ModelInfo info = add_model(folder("unknown").string());
  EXPECT_GT(info.latent_std, 4) << "measured when it was added";
  EXPECT_TRUE(verify_model("unknown").passed());
}

TEST_F(Store, AnotherModelsDecoderIsCaught) {
  Graph encoder, other;
  encoder.gain = 0.5;
  write_pair(folder("mixed"), encoder, 4);
  other.decoder = true;
  other.gain = 4;
  write_text(folder("mixed") / "decoder.onnx", make(other));
  const ModelReport report = verify_model(folder("mixed").string());
  EXPECT_FALSE(check(report, "round trip").passed);
  EXPECT_EQ(test::error_of([&] { (void)add_model(folder("mixed").string()); }).code(), ErrorCode::model_invalid);
  EXPECT_TRUE(test::fs::is_empty(user(""))) << "nothing is left behind";
}

TEST_F(Store, NotANumberIsCaught) {
  const ModelReport report = verify_model((test::model_data() / "tiny-nan").string());
  EXPECT_FALSE(check(report, "values").passed);
  EXPECT_NE(check(report, "values").detail.find("the decoder gave NaN"), std::string::npos);
}

TEST_F(Store, WrongShapesAreAFinding) {
  const TempFolder other;
  test::fs::copy(test::model_data() / "tiny-mean", other.path() / "m");
  test::replace_in(other.path() / "m" / "model.json", "\"factor\": 8", "\"factor\": 16");
  const ModelReport report = verify_model((other.path() / "m").string());
  EXPECT_FALSE(report.passed());
  EXPECT_FALSE(check(report, "shapes").passed);
}

TEST_F(Store, DecoderAlone) {
  const TempFolder other;
  test::fs::copy(test::model_data() / "tiny-mean", other.path() / "m");
  test::fs::remove(other.path() / "m" / "encoder.onnx");
  EXPECT_TRUE(verify_model((other.path() / "m").string()).passed());
  EXPECT_TRUE(add_model((other.path() / "m").string(), "decodes").encoder_path.empty());
}

TEST_F(Store, AddedModelsAreWholeAndUnderTheirName) {
  Graph encoder;
  encoder.external = "vae.onnx_data";
  write_pair(folder("export"), encoder, 4, "vae_encoder/model.onnx", "vae_decoder/model.onnx");
  write_text(folder("export") / "LICENSE", "free");
  write_text(folder("export") / "junk.bin", "not part of it");
  const ModelInfo info = add_model(folder("export").string(), "mine");
  EXPECT_EQ(info.name, "mine");
  EXPECT_EQ(info.folder, user("mine").string());
  EXPECT_EQ(info.default_recipe, "vae(mine) | hadamard4 | cdf53(levels=4) | quantize(step=1.0) | ans");
  EXPECT_EQ(info.hash, find_model(folder("export").string()).hash);
  EXPECT_EQ(test::read_text(user("mine") / "LICENSE"), "free");
  EXPECT_FALSE(test::fs::exists(user("mine") / "junk.bin"));
  test::fs::remove_all(folder("export"));
  EXPECT_TRUE(verify_model("mine").passed());
  const auto list = list_models();
  EXPECT_TRUE(std::any_of(list.begin(), list.end(), [](const ModelInfo& m) { return m.name == "mine"; }));
  write_text(user("mine") / "vae_encoder" / "vae.onnx_data", "other weights");
  EXPECT_ERROR(find_model("mine"), ErrorCode::model_invalid, "'encoder.external' says another");
}

TEST_F(Store, ModelsWithACardKeepIt) {
  const ModelInfo info = add_model((test::model_data() / "tiny-moments").string(), "copy");
  EXPECT_EQ(info.shift, 0.25);
  EXPECT_EQ(info.latent_std, 0.5);
  EXPECT_EQ(info.default_recipe, "vae(copy) | hadamard4 | cdf53(levels=2) | quantize(step=0.05) | ans");
}

TEST_F(Store, AddRefuses) {
  const std::string tiny = (test::model_data() / "tiny-mean").string();
  (void)add_model(tiny);
  EXPECT_ERROR(add_model(tiny), ErrorCode::exists, "vaerans models remove tiny-mean");
  EXPECT_ERROR(add_model(tiny, "../up"), ErrorCode::bad_parameter, "a model's name");
  EXPECT_ERROR(add_model(tiny, "a/b"), ErrorCode::bad_parameter, "a model's name");
  EXPECT_ERROR(add_model("/nowhere/at-all"), ErrorCode::model_not_found, "does not exist");
  const Variable no_data("XDG_DATA_HOME", nullptr), no_home("HOME", nullptr);
  EXPECT_ERROR(add_model(tiny, "x"), ErrorCode::io, "neither XDG_DATA_HOME nor HOME");
}

TEST_F(Store, RemoveTouchesTheUsersFolderOnly) {
  (void)add_model((test::model_data() / "tiny-mean").string());
  remove_model("tiny-mean");
  EXPECT_TRUE(test::fs::is_empty(user("")));
  EXPECT_ERROR(remove_model("tiny-mean"), ErrorCode::model_not_found, "no model 'tiny-mean' in");
  EXPECT_ERROR(remove_model(".."), ErrorCode::bad_parameter, "a model's name");
  EXPECT_ERROR(remove_model("tiny-mean@8a2b87d"), ErrorCode::bad_parameter, "there are 7");
  const Variable elsewhere("VAERANS_MODEL_PATH", test::model_data().c_str());
  EXPECT_ERROR(remove_model("tiny-mean"), ErrorCode::model_not_found, "models elsewhere are not removed");
  EXPECT_TRUE(test::fs::exists(test::model_data() / "tiny-mean" / "model.json"));
}

}  // namespace
}  // namespace vaerans
