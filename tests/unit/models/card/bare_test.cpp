// What people already have: exports of diffusers and Optimum, the cache of Hugging Face's tools, and broken ones.
#include <algorithm>

#include "make_graph.hpp"
#include "models/known.hpp"
#include "models/model.hpp"
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

class Exports : public ::testing::Test {
 protected:
  path folder(const std::string& name) const { return root_.path() / name; }

  /// An Optimum export whose encoder gives mean and log-variance.
  path optimum(const std::string& name, std::uint64_t channels, std::uint64_t factor, const std::string& config) {
    Graph encoder;
    encoder.channels = 2 * channels;
    encoder.factor = factor;
    encoder.output = "latent_parameters";
    write_pair(folder(name), encoder, channels, "vae_encoder/model.onnx", "vae_decoder/model.onnx");
    if (!config.empty()) write_text(folder(name) / "vae_decoder" / "config.json", config);
    return folder(name);
  }

  static std::string config(const std::string& class_name, std::uint64_t channels, unsigned blocks,
                            const std::string& more = "") {
    std::string list = "8";
    for (unsigned i = 1; i < blocks; ++i) list += ", 8";
    return "{\"_class_name\": \"" + class_name + "\", \"latent_channels\": " + std::to_string(channels) +
           ", \"block_out_channels\": [" + list + "]" + more + "}";
  }

  TempFolder root_, home_;
  Variable model_path_{"VAERANS_MODEL_PATH", root_.path().c_str()};
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", nullptr};
  Variable hf_home_{"HF_HOME", (home_.path() / "hf").c_str()};
};

struct Layout {
  std::uint64_t channels, factor;
  unsigned blocks;
};
class Layouts : public Exports, public ::testing::WithParamInterface<Layout> {};

TEST_P(Layouts, ChannelsAndFactorOfTheGraphsAndTheConfigAgree) {
  const auto [channels, factor, blocks] = GetParam();
  const path where =
      optimum("some-vae", channels, factor,
              config("AutoencoderKL", channels, blocks, ", \"scaling_factor\": 0.5, \"shift_factor\": 0.1"));
  const ModelInfo info = find_model(where.string());
  EXPECT_EQ(info.latent_channels, channels);
  EXPECT_EQ(info.factor, factor);
  EXPECT_EQ(info.encoder_kind, "moments");
  EXPECT_EQ(info.scaling, 0.5);
  EXPECT_EQ(info.shift, 0.1);
  EXPECT_EQ(info.pixel_low, -1.0F);
  EXPECT_TRUE(verify_model(where.string()).psnr_db > 15);
}

INSTANTIATE_TEST_SUITE_P(All, Layouts,
                         ::testing::Values(Layout{4, 8, 4}, Layout{16, 8, 4}, Layout{8, 16, 5}, Layout{32, 32, 6},
                                           Layout{32, 16, 5}, Layout{4, 4, 3}),
                         [](const auto& info) {
                           return "f" + std::to_string(info.param.factor) + "c" + std::to_string(info.param.channels);
                         });

TEST_F(Exports, ConfigBesideTheGraphsOrInVae) {
  const path where = optimum("some-vae", 4, 8, "");
  EXPECT_EQ(find_model(where.string()).scaling, 1.0);
  test::fs::create_directories(where / "vae");
  write_text(where / "vae" / "config.json", config("AutoencoderKL", 4, 4, ", \"scaling_factor\": 0.25"));
  EXPECT_EQ(find_model(where.string()).scaling, 0.25) << "a file that appears later is seen";
  write_text(where / "config.json", "{\"_class_name\": \"StableDiffusionPipeline\", \"vae\": []}");
  EXPECT_EQ(find_model(where.string()).scaling, 0.25) << "not of an autoencoder";
  write_text(where / "config.json", config("AutoencoderKL", 4, 4));
  EXPECT_EQ(find_model(where.string()).scaling, 0.18215) << "what AutoencoderKL has where the file does not say";
}

TEST_F(Exports, TinyAutoencodersOfDiffusersTakeMinusOneToOne) {
  write_pair(folder("taesd"), Graph{}, 4);
  EXPECT_EQ(find_model("taesd").pixel_low, 0.0F) << "TAESD's own networks";
  EXPECT_EQ(find_model("taesd").scaling, 1.0);
  write_text(folder("taesd") / "config.json", config("AutoencoderTiny", 4, 4));
  EXPECT_EQ(find_model("taesd").pixel_low, -1.0F) << "diffusers converts inside the graph";
  EXPECT_EQ(find_model("taesd").scaling, 1.0);
  EXPECT_EQ(find_model("taesd").licence, "MIT");
  EXPECT_EQ(find_model("taesd").encoder_kind, "mean");
}

TEST_F(Exports, NamesThatAreKnown) {
  struct Known {
    const char* name;
    std::uint64_t channels;
    double scaling, shift;
    float low;
    const char* repository;
  };
  for (const Known& known :
       {Known{"sdxl-vae", 4, 0.13025, 0, -1, "stabilityai/sdxl-vae"},
        Known{"sd-vae", 4, 0.18215, 0, -1, "stabilityai/sd-vae-ft-mse"},
        Known{"taesd", 4, 1, 0, 0, "madebyollin/taesd"}, Known{"taesdxl", 4, 1, 0, 0, "madebyollin/taesdxl"},
        Known{"flux-vae", 16, 0.3611, 0.1159, -1, "black-forest-labs/FLUX.1-schnell"},
        Known{"sd3-vae", 16, 1.5305, 0.0609, -1, "stabilityai/stable-diffusion-3-medium-diffusers"}}) {
    optimum(known.name, known.channels, 8, "");
    const ModelInfo info = find_model(known.name);
    EXPECT_EQ(info.scaling, known.scaling) << known.name;
    EXPECT_EQ(info.shift, known.shift) << known.name;
    EXPECT_EQ(info.pixel_low, known.low) << known.name;
    EXPECT_EQ(info.pixel_high, 1.0F) << known.name;
    EXPECT_EQ(info.repository, known.repository);
    EXPECT_FALSE(info.licence.empty());
  }
}

TEST_F(Exports, AKnownNameOnOtherGraphsIsRefused) {
  optimum("flux-vae", 4, 8, "");
  EXPECT_ERROR(find_model("flux-vae"), ErrorCode::model_invalid, "says 16 for latent_channels, but the graphs have 4");
}

struct BadConfig {
  const char* name;
  std::string text;
  const char* says;
};
class BadConfigs : public Exports, public ::testing::WithParamInterface<BadConfig> {};

TEST_P(BadConfigs, NamesTheField) {
  const path where = optimum("some-vae", 4, 8, GetParam().text);
  EXPECT_ERROR(find_model(where.string()), ErrorCode::model_invalid, GetParam().says);
  EXPECT_ERROR(find_model(where.string()), ErrorCode::model_invalid, "vae_decoder/config.json");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadConfigs,
    ::testing::Values(
        BadConfig{"Json", "{", "not valid JSON"},
        BadConfig{"Channels", R"({"_class_name": "AutoencoderKL", "latent_channels": 16})",
                  "says 16 for latent_channels"},
        BadConfig{"ChannelText", R"({"_class_name": "AutoencoderKL", "latent_channels": "4"})", "must be a number"},
        BadConfig{"ChannelFraction", R"({"_class_name": "AutoencoderKL", "latent_channels": 4.5})", "from 1 to 1024"},
        BadConfig{"Factor", R"({"_class_name": "AutoencoderKL", "block_out_channels": [1, 2]})",
                  "says 2 for the factor"},
        BadConfig{"Blocks", R"({"_class_name": "AutoencoderKL", "block_out_channels": 3})", "list of 1 to 7"},
        BadConfig{"Scaling", R"({"_class_name": "AutoencoderKL", "scaling_factor": 0})", "must not be 0"},
        BadConfig{"ScalingList", R"({"_class_name": "AutoencoderKL", "scaling_factor": [1]})", "must be a number"}),
    [](const auto& info) { return info.param.name; });

TEST_F(Exports, EncodersThatDrawAreRefusedUnlessTheyAlsoGiveTheirParameters) {
  Graph encoder;
  encoder.random = "RandomNormalLike";
  encoder.output = "latent_sample";
  write_pair(folder("draws"), encoder, 4);
  EXPECT_ERROR(find_model("draws"), ErrorCode::model_invalid, "depends on random numbers");
  EXPECT_ERROR(find_model("draws"), ErrorCode::model_invalid, "python -m vaerans_ecs.models export");
  encoder.also = "latent_parameters";
  write_pair(folder("draws"), encoder, 4);
  EXPECT_EQ(find_model("draws").latent_channels, 4U);
  EXPECT_EQ(models::open_model("draws")->encoder.output, "latent_parameters");
}

TEST_F(Exports, HalvesWithoutACard) {
  Graph encoder;
  encoder.half = true;
  write_pair(folder("half"), encoder, 4);
  const ModelReport report = verify_model(folder("half").string());
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.model.factor, 8U);
  EXPECT_TRUE(models::open_model("half")->decoder.half);
}

TEST_F(Exports, OpsetTooNew) {
  Graph encoder;
  encoder.opset = 999;
  write_pair(folder("new"), encoder, 4);
  EXPECT_ERROR(find_model("new"), ErrorCode::model_invalid, "too new for ONNX Runtime");
  EXPECT_ERROR(find_model("new"), ErrorCode::model_invalid, "opset 999");
  encoder.opset = 17;
  encoder.ir_version = 77;
  write_pair(folder("new"), encoder, 4);
  EXPECT_ERROR(find_model("new"), ErrorCode::model_invalid, "file format 77");
}

TEST_F(Exports, CutShort) {
  write_pair(folder("cut"), Graph{}, 4);
  const std::string whole = test::read_text(folder("cut") / "decoder.onnx");
  write_text(folder("cut") / "decoder.onnx", whole.substr(0, whole.size() / 2));
  EXPECT_ERROR(find_model("cut"), ErrorCode::model_invalid, "decoder.onnx: the file is cut short");
  write_text(folder("cut") / "decoder.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
  EXPECT_ERROR(find_model("cut"), ErrorCode::model_invalid, "decoder.onnx: ");
}

TEST_F(Exports, WrongChannelCount) {
  write_pair(folder("odd"), Graph{}, 3);
  EXPECT_ERROR(find_model("odd"), ErrorCode::model_invalid,
               "the decoder does not fit the encoder, which gives 4 channels");
}

TEST_F(Exports, ExternalWeightsArePartOfTheModel) {
  Graph encoder;
  encoder.external = "model.onnx_data";
  write_pair(folder("big"), encoder, 4);
  const auto first = models::open_model("big");
  ASSERT_EQ(first->encoder.external.size(), 1U);
  EXPECT_EQ(first->encoder.external[0].sha256.size(), 64U);
  std::string data = test::read_text(folder("big") / "model.onnx_data");
  data[0] = static_cast<char>(data[0] ^ 1);
  data += "longer";  // so that the stamp differs, whatever the clock's resolution
  write_text(folder("big") / "model.onnx_data", data);
  EXPECT_NE(models::open_model("big")->encoder.external[0].sha256, first->encoder.external[0].sha256);
  write_text(folder("big") / "model.onnx_data", data.substr(0, data.size() / 2));
  EXPECT_ERROR(find_model("big"), ErrorCode::model_invalid, "encoder.onnx: ONNX Runtime");
  test::fs::remove(folder("big") / "model.onnx_data");
  EXPECT_ERROR(find_model("big"), ErrorCode::model_invalid, "'model.onnx_data' beside it, which is missing");
}

TEST_F(Exports, ExternalWeightsCountInTheHash) {
  write_pair(folder("big"), Graph{}, 4);
  Graph decoder;
  decoder.decoder = true;
  decoder.external = "weights.bin";
  write_text(folder("big") / "decoder.onnx", make(decoder, folder("big")));
  const std::string before = find_model("big").hash;
  EXPECT_NE(before, models::open_model("big")->decoder.sha256);
  write_text(folder("big") / "weights.bin", test::read_text(folder("big") / "weights.bin") + "x");
  EXPECT_NE(find_model("big").hash, before);
}

TEST_F(Exports, ExternalWeightsOutsideAreRefused) {
  write_text(folder("secret"), "");
  Graph encoder;
  encoder.external = "../secret";
  write_pair(folder("evil"), encoder, 4);
  EXPECT_ERROR(find_model("evil"), ErrorCode::model_invalid, "not in its own folder");
}

TEST_F(Exports, LinksToExternalWeightsOutsideAreRefused) {
  Graph encoder;
  encoder.external = "weights.bin";
  write_pair(folder("evil"), encoder, 4);
  test::fs::rename(folder("evil") / "weights.bin", folder("secret"));
  test::fs::create_symlink(folder("secret"), folder("evil") / "weights.bin");
  EXPECT_ERROR(find_model("evil"), ErrorCode::model_invalid, "a link that leads out of its folder");
}

TEST_F(Exports, LinksInsideTheFolderAreFollowed) {
  Graph encoder;
  encoder.external = "weights.bin";
  write_pair(folder("inside"), encoder, 4);
  test::fs::create_directory(folder("inside") / "data");
  test::fs::rename(folder("inside") / "weights.bin", folder("inside") / "data" / "1");
  test::fs::create_symlink(test::fs::path("data") / "1", folder("inside") / "weights.bin");
  EXPECT_EQ(models::open_model("inside")->encoder.external.size(), 1U);
}

TEST_F(Exports, GraphAndWeightsLinkedFromOneFolderAreOneModel) {
  Graph encoder;
  encoder.external = "weights.bin";
  write_pair(folder("blobs"), encoder, 4);
  test::fs::create_directory(folder("linked"));
  for (const char* name : {"encoder.onnx", "decoder.onnx", "weights.bin"})
    test::fs::create_symlink(folder("blobs") / name, folder("linked") / name);
  EXPECT_EQ(models::open_model("linked")->encoder.external.size(), 1U);
}

class Cache : public Exports {
 protected:
  static constexpr const char* commit = "0123456789abcdef0123456789abcdef01234567";

  path repository(const std::string& entry) const { return home_.path() / "hf" / "hub" / entry; }

  /// As huggingface_hub lays it out: files are links to blobs.
  path snapshot(const std::string& entry, const std::string& hash = commit) {
    const path blobs = repository(entry) / "blobs", where = repository(entry) / "snapshots" / hash;
    test::fs::create_directories(blobs);
    test::fs::create_directories(where);
    write_pair(blobs / "made", Graph{}, 4);
    for (const char* name : {"encoder.onnx", "decoder.onnx"}) {
      test::fs::rename(blobs / "made" / name, blobs / (hash + name));
      test::fs::create_symlink(path("../../blobs") / (hash + name), where / name);
    }
    return where;
  }
  void main_is(const std::string& entry, const std::string& text) {
    test::fs::create_directories(repository(entry) / "refs");
    write_text(repository(entry) / "refs" / "main", text);
  }
};

TEST_F(Cache, ByRepositoryAndByName) {
  const path where = snapshot("models--some-org--small-vae");
  main_is("models--some-org--small-vae", commit);
  const ModelInfo info = find_model("some-org/small-vae");
  EXPECT_EQ(info.name, "small-vae");
  EXPECT_EQ(info.folder, where.string());
  EXPECT_EQ(info.repository, "some-org/small-vae");
  EXPECT_EQ(info.revision, commit);
  EXPECT_EQ(find_model("small-vae").folder, where.string()) << "files name models by their names";
}

TEST_F(Cache, KnownNames) {
  const path where = snapshot("models--madebyollin--taesd");
  EXPECT_EQ(find_model("taesd").folder, where.string());
  EXPECT_EQ(find_model("madebyollin/taesd").licence, "MIT");
  snapshot("models--madebyollin--sdxl-vae-fp16-fix");
  EXPECT_EQ(find_model("madebyollin/sdxl-vae-fp16-fix").name, "sdxl-vae");
  EXPECT_EQ(find_model("madebyollin/sdxl-vae-fp16-fix").scaling, 0.13025);
}

TEST_F(Cache, WeightsBesideTheGraphAreLinksToo) {
  const path where = snapshot("models--a--big"), blobs = repository("models--a--big") / "blobs";
  Graph encoder;
  encoder.external = "model.onnx_data";
  test::fs::remove(where / "encoder.onnx");
  write_text(blobs / "graph", make(encoder, blobs));
  test::fs::rename(blobs / "model.onnx_data", blobs / "data");
  test::fs::create_symlink("../../blobs/graph", where / "encoder.onnx");
  test::fs::create_symlink("../../blobs/data", where / "model.onnx_data");
  EXPECT_EQ(models::open_model("a/big")->encoder.external.size(), 1U);
  const ModelInfo added = add_model("a/big");
  EXPECT_FALSE(test::fs::is_symlink(path(added.folder) / "model.onnx_data")) << "what was added stands alone";
}

TEST_F(Cache, MainSaysWhichSnapshot) {
  snapshot("models--a--b", "aaaa");
  const path second = snapshot("models--a--b", "bbbb");
  EXPECT_ERROR(find_model("a/b"), ErrorCode::model_not_found, "nor this repository in the cache");
  main_is("models--a--b", "bbbb");
  EXPECT_EQ(find_model("a/b").folder, second.string());
  main_is("models--a--b", "../../../../elsewhere");
  EXPECT_ERROR(find_model("a/b"), ErrorCode::model_not_found, "nor this repository in the cache");
}

TEST_F(Cache, VariablesInOrder) {
  const TempFolder other;
  snapshot("models--a--b");
  EXPECT_EQ(find_model("a/b").name, "b");
  {
    const Variable hub("HF_HUB_CACHE", other.path().c_str());
    EXPECT_ERROR(find_model("a/b"), ErrorCode::model_not_found, other.path().string());
  }
  const Variable none("HF_HOME", nullptr), xdg("XDG_CACHE_HOME", nullptr), home("HOME", other.path().c_str());
  test::fs::create_directories(other.path() / ".cache" / "huggingface");
  test::fs::rename(home_.path() / "hf" / "hub", other.path() / ".cache" / "huggingface" / "hub");
  EXPECT_TRUE(find_model("a/b").folder.starts_with(other.path().string()));
}

TEST_F(Cache, AFolderOfThisNameCountsFirst) {
  snapshot("models--a--b");
  const path before = test::fs::current_path();
  test::fs::current_path(root_.path());
  write_pair(root_.path() / "a" / "b", Graph{}, 4);
  const std::string found = find_model("a/b").folder;
  test::fs::current_path(before);
  EXPECT_EQ(found, (root_.path() / "a" / "b").string());
}

TEST_F(Cache, WeightsWithoutGraphsSayHowToExport) {
  const path where = repository("models--stabilityai--sdxl-vae") / "snapshots" / commit;
  test::fs::create_directories(where);
  write_text(where / "diffusion_pytorch_model.safetensors", "");
  EXPECT_ERROR(find_model("stabilityai/sdxl-vae"), ErrorCode::model_not_found,
               "python -m vaerans_ecs.models export stabilityai/sdxl-vae");
  EXPECT_ERROR(find_model("sdxl-vae"), ErrorCode::model_not_found,
               "python -m vaerans_ecs.models export stabilityai/sdxl-vae");
  EXPECT_ERROR(find_model("nobody/nothing"), ErrorCode::model_not_found, "neither such a folder");
}

}  // namespace
}  // namespace vaerans
