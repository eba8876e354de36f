// Finding models, reading their cards, and telling what is wrong with the broken ones.
#include "vaerans/models.hpp"

#include <algorithm>

#include "fixture.hpp"
#include "models/model.hpp"

namespace vaerans {
namespace {

using test::error_of;
using test::model_data;
using test::TempFolder;
using test::Variable;
using test::fs::path;

/// A copy of a model that a test may break; VAERANS_MODEL_PATH names the folder that holds it.
class Models : public ::testing::Test {
 protected:
  path copy(const std::string& model, const std::string& as) {
    test::fs::copy(model_data() / model, root_.path() / as);
    return root_.path() / as;
  }
  TempFolder root_, home_;
  Variable model_path_{"VAERANS_MODEL_PATH", root_.path().c_str()};
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", (home_.path() / "hub").c_str()};
};

TEST_F(Models, CardIsRead) {
  copy("tiny-moments", "tiny-moments");
  const ModelInfo info = find_model("tiny-moments");
  EXPECT_EQ(info.name, "tiny-moments");
  EXPECT_EQ(info.latent_channels, 4U);
  EXPECT_EQ(info.factor, 8U);
  EXPECT_EQ(info.pixel_low, 0.0F);
  EXPECT_EQ(info.pixel_high, 1.0F);
  EXPECT_EQ(info.scaling, 0.5);
  EXPECT_EQ(info.shift, 0.25);
  EXPECT_EQ(info.latent_std, 0.5);
  EXPECT_EQ(info.encoder_kind, "moments");
  EXPECT_EQ(info.licence, "MIT");
  EXPECT_EQ(info.hash.size(), 64U);
  EXPECT_EQ(info.folder, (root_.path() / "tiny-moments").string());
  EXPECT_EQ(info.default_recipe, "vae(tiny-moments) | hadamard4 | cdf53(levels=2) | quantize(step=0.05) | ans");
}

TEST_F(Models, FolderFirstThenVariableThenUser) {
  const path user = home_.path() / "vaerans" / "models";
  test::fs::create_directories(user);
  test::fs::copy(model_data() / "tiny-mean", user / "tiny-mean");
  EXPECT_EQ(find_model("tiny-mean").folder, (user / "tiny-mean").string());
  copy("tiny-mean", "tiny-mean");
  EXPECT_EQ(find_model("tiny-mean").folder, (root_.path() / "tiny-mean").string());
  EXPECT_EQ(find_model((model_data() / "tiny-mean").string() + "/").folder, (model_data() / "tiny-mean").string());
  const auto paths = model_paths();
  ASSERT_GE(paths.size(), 2U);
  EXPECT_EQ(paths[0], root_.path().string());
  EXPECT_EQ(paths[1], user.string());
}

TEST_F(Models, AddedPathsAreSeen) {
  const TempFolder other;
  test::fs::copy(model_data() / "tiny-mean", other.path() / "tiny-mean");
  add_model_path(other.path().string());
  EXPECT_EQ(find_model("tiny-mean").folder, (other.path() / "tiny-mean").string());
}

TEST_F(Models, UnknownNameListsWhatIsThere) {
  copy("tiny-mean", "tiny-mean");
  const Error error = error_of([] { (void)find_model("sdxl-vae"); });
  EXPECT_EQ(error.code(), ErrorCode::model_not_found);
  for (const std::string& part : {std::string("no model 'sdxl-vae'"), std::string("tiny-mean"), root_.path().string(),
                                  std::string("VAERANS_MODEL_PATH")}) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << part << "\n" << error.what();
  }
  EXPECT_ERROR(find_model("/nowhere/at-all"), ErrorCode::model_not_found, "/nowhere/at-all");
  EXPECT_ERROR(find_model(home_.path().string()), ErrorCode::model_invalid, "not a model");
}

TEST_F(Models, HashesOfTooFewDigitsAreNoNames) {
  copy("tiny-mean", "tiny-mean");
  const std::string hash = find_model("tiny-mean").hash, seven = "tiny-mean@" + hash.substr(0, 7);
  EXPECT_EQ(find_model("tiny-mean@" + hash.substr(0, 8)).hash, hash);
  const Error error = error_of([&] { (void)find_model(seven); });
  EXPECT_EQ(error.code(), ErrorCode::model_not_found);
  const std::string text = error.what();
  EXPECT_TRUE(text.starts_with("no model '" + seven + "': behind an '@' stand 8 to 64 hexadecimal digits")) << text;
  EXPECT_NE(text.find("there are 7. Models that are there: "), std::string::npos) << text;
  EXPECT_EQ(text.find("put a folder"), std::string::npos) << text;
  EXPECT_ERROR(find_model(hash.substr(0, 8)), ErrorCode::model_not_found, "is called '@" + hash.substr(0, 8) + "'");
}

TEST_F(Models, ListLeavesBrokenOnesOut) {
  copy("tiny-mean", "tiny-mean");
  test::write_text(copy("tiny-mean", "broken") / "model.json", "{");
  std::vector<std::string> names;
  for (const ModelInfo& info : list_models()) names.push_back(info.name);
  EXPECT_EQ(std::count(names.begin(), names.end(), "tiny-mean"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "broken"), 0);
}

TEST_F(Models, OpenedFolderIsKnownByItsName) {
  const TempFolder off_the_path;
  const path folder = off_the_path.path() / "elsewhere";
  test::fs::copy(model_data() / "tiny-mean", folder);
  test::replace_in(folder / "model.json", "\"name\": \"tiny-mean\"", "\"name\": \"tiny-elsewhere\"");
  EXPECT_ERROR(find_model("tiny-elsewhere"), ErrorCode::model_not_found, "no model");
  EXPECT_EQ(find_model(folder.string()).name, "tiny-elsewhere");
  EXPECT_EQ(find_model("tiny-elsewhere").folder, folder.string());
}

TEST_F(Models, TheCardsNameCountsWhateverTheFolderIsCalled) {
  const path folder = copy("tiny-mean", "elsewhere");
  test::replace_in(folder / "model.json", "\"name\": \"tiny-mean\"", "\"name\": \"tiny-renamed\"");
  EXPECT_EQ(find_model("tiny-renamed").folder, folder.string());
  EXPECT_ERROR(find_model("elsewhere"), ErrorCode::model_invalid, "ask for it by that name");
  std::vector<BrokenModel> broken;
  (void)list_models(&broken);
  EXPECT_TRUE(broken.empty());
}

TEST_F(Models, MissingFiles) {
  const path folder = copy("tiny-mean", "tiny-mean");
  test::fs::remove(folder / "encoder.onnx");
  EXPECT_TRUE(find_model("tiny-mean").encoder_path.empty()) << "enough for decoding";
  test::fs::remove(folder / "decoder.onnx");
  EXPECT_ERROR(find_model("tiny-mean"), ErrorCode::model_invalid, "the decoder's file is missing");
}

TEST_F(Models, WeightsOfAnotherModel) {
  const path folder = copy("tiny-mean", "tiny-mean");
  std::string bytes = test::read_text(folder / "decoder.onnx");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  test::write_text(folder / "decoder.onnx", bytes);
  EXPECT_ERROR(find_model("tiny-mean"), ErrorCode::model_invalid, "the weights are not those of the card");
}

TEST_F(Models, ChangedFolderIsReadAgain) {
  const path folder = copy("tiny-mean", "tiny-mean");
  EXPECT_EQ(find_model("tiny-mean").latent_std, 0.5);
  test::replace_in(folder / "model.json", "\"latent_std\": 0.5", "\"latent_std\": 0.625");
  EXPECT_EQ(find_model("tiny-mean").latent_std, 0.625);
}

struct BadCard {
  const char* name;
  const char* from;
  const char* to;
  const char* says;
};

class BadCards : public Models, public ::testing::WithParamInterface<BadCard> {};

TEST_P(BadCards, NamesTheField) {
  const path folder = copy("tiny-mean", "tiny-mean");
  test::replace_in(folder / "model.json", GetParam().from, GetParam().to);
  const Error error = error_of([] { (void)find_model("tiny-mean"); });
  EXPECT_EQ(error.code(), ErrorCode::model_invalid);
  EXPECT_NE(std::string(error.what()).find(GetParam().says), std::string::npos) << error.what();
  EXPECT_NE(std::string(error.what()).find(folder.string()), std::string::npos) << error.what();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCards,
    ::testing::Values(
        BadCard{"Json", "\"format\": 1,", "\"format\" 1,", "not valid JSON"},
        BadCard{"Newer", "\"format\": 1", "\"format\": 2", "Update vaerans"},
        BadCard{"NoName", "\"name\"", "\"nome\"", "the field 'name' is missing"},
        BadCard{"EvilName", "\"name\": \"tiny-mean\"", "\"name\": \"../x\"", "'name' must be made of letters"},
        BadCard{"NoChannels", "\"latent_channels\"", "\"channels\"", "'latent_channels' is missing"},
        BadCard{"TextChannels", "\"latent_channels\": 4", "\"latent_channels\": \"4\"", "must be a whole number"},
        BadCard{"ZeroFactor", "\"factor\": 8", "\"factor\": 0", "'factor' must be from 1 to 64; it is 0"},
        BadCard{"HugeFactor", "\"factor\": 8", "\"factor\": 18446744073709551615", "'factor' must be from 1 to 64"},
        BadCard{"Range", "\"pixel_range\": [\n    -1.0,", "\"pixel_range\": [\n    1.0,", "must be increasing"},
        BadCard{"RangeKind", "\"pixel_range\": [", "\"pixel_range\": [ 0,", "must be two numbers"},
        BadCard{"Scaling", "\"scaling_factor\": 1.0", "\"scaling_factor\": 0", "'scaling_factor' must not be 0"},
        BadCard{"Std", "\"latent_std\": 0.5", "\"latent_std\": -1", "'latent_std' must be above 0"},
        BadCard{"Kind", "\"kind\": \"mean\"", "\"kind\": \"mode\"", "must be mean or moments"},
        BadCard{"Outside", "\"file\": \"decoder.onnx\"", "\"file\": \"../decoder.onnx\"", "must be a path inside"},
        BadCard{"NoDecoder", "\"decoder\": {", "\"deco\": {", "'decoder.file' is missing"}),
    [](const auto& info) { return info.param.name; });

TEST_F(Models, WithoutCardPropertiesAreReadOffTheGraphs) {
  test::fs::remove(copy("tiny-moments", "sdxl-vae") / "model.json");
  const ModelInfo info = find_model("sdxl-vae");
  EXPECT_EQ(info.latent_channels, 4U);
  EXPECT_EQ(info.factor, 8U);
  EXPECT_EQ(info.encoder_kind, "moments");
  EXPECT_EQ(info.scaling, 0.13025);
  EXPECT_EQ(info.pixel_low, -1.0F);
  test::fs::remove(copy("tiny-mean", "my-vae") / "model.json");
  EXPECT_EQ(find_model("my-vae").encoder_kind, "mean");
  EXPECT_EQ(find_model("my-vae").scaling, 1.0);
  EXPECT_EQ(find_model("my-vae").default_recipe,
            "vae(my-vae) | hadamard4 | cdf53(levels=4) | quantize(step=1.0) | ans");
}

TEST_F(Models, OptimumLayout) {
  const path folder = root_.path() / "sd-vae";
  test::fs::create_directories(folder / "vae_encoder");
  test::fs::create_directories(folder / "vae_decoder");
  test::fs::copy(model_data() / "tiny-moments" / "encoder.onnx", folder / "vae_encoder" / "model.onnx");
  test::fs::copy(model_data() / "tiny-moments" / "decoder.onnx", folder / "vae_decoder" / "model.onnx");
  EXPECT_EQ(find_model("sd-vae").scaling, 0.18215);
  EXPECT_EQ(find_model("sd-vae").latent_channels, 4U);
}

TEST_F(Models, WithoutCardAndBroken) {
  const path folder = copy("tiny-mean", "my-vae");
  test::fs::remove(folder / "model.json");
  const std::string decoder = test::read_text(folder / "decoder.onnx");
  test::write_text(folder / "decoder.onnx", decoder.substr(0, decoder.size() / 2));
  EXPECT_ERROR(find_model("my-vae"), ErrorCode::model_invalid, "cut short");
  test::fs::copy_file(folder / "encoder.onnx", folder / "decoder.onnx", test::fs::copy_options::overwrite_existing);
  EXPECT_ERROR(find_model("my-vae"), ErrorCode::model_invalid, "does not fit");
  test::fs::remove(folder / "decoder.onnx");
  EXPECT_ERROR(find_model("my-vae"), ErrorCode::model_invalid, "decoder.onnx or vae_decoder/model.onnx) is missing");
  test::fs::copy_file(model_data() / "tiny-mean" / "decoder.onnx", folder / "decoder.onnx");
  test::fs::remove(folder / "encoder.onnx");
  EXPECT_ERROR(find_model("my-vae"), ErrorCode::model_invalid, "encoder.onnx or vae_encoder/model.onnx) is missing");
}

}  // namespace
}  // namespace vaerans
