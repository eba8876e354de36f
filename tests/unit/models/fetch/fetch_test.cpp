// Models fetched by hash: from folders, file URLs, and a web that is a function here (tests/cli has a real server).
#include <fstream>

#include "generations.hpp"
#include "vaerans/model_sources.hpp"

namespace vaerans {
namespace {

using test::TempFolder;
using test::Variable;
using test::write_generation;
using test::fs::path;

class Fetch : public ::testing::Test {
 protected:
  path shop(const std::string& name) const { return shop_.path() / name; }
  path store() const { return home_.path() / "vaerans/models"; }
  std::size_t in_store() const {
    std::error_code error;
    std::size_t count = 0;
    for (test::fs::directory_iterator it(store(), error), end; !error && it != end; it.increment(error)) ++count;
    return count;
  }
  FetchOptions from(const std::string& place) const { return {{place}, false, {}}; }
  /// Shows the shop's folder under http://shop.
  FetchOptions web() {
    return {{"http://shop/"}, false, [this](const std::string& url, const std::string& to, std::uint64_t most) {
              asked_.push_back(url.substr(12));
              const path file = shop_.path() / url.substr(12);
              if (!test::fs::exists(file)) throw Error(ErrorCode::io, url + ": 404");
              EXPECT_LE(test::fs::file_size(file), most);
              test::fs::copy_file(file, to);
            }};
  }

  TempFolder shop_, home_;
  Variable model_path_{"VAERANS_MODEL_PATH", nullptr};
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", (home_.path() / "hub").c_str()};
  Variable sources_{"VAERANS_MODEL_SOURCES", nullptr};
  std::vector<std::string> asked_;
};

TEST_F(Fetch, FromAFolder) {
  const std::string hash = write_generation(shop("released/old"), "twin", "1", 2);
  write_generation(shop("twin"), "twin", "2", 1);
  const ModelInfo info = fetch_model(hash.substr(0, 16), from(shop_.path().string()));
  EXPECT_EQ(info.hash, hash);
  EXPECT_EQ(info.folder, (store() / ("twin@" + hash.substr(0, 16))).string());
  EXPECT_TRUE(info.encoder_path.empty()) << "what decoding needs";
  EXPECT_EQ(find_model("twin@" + hash.substr(0, 16)).folder, info.folder);
  EXPECT_EQ(in_store(), 1U) << "no draft is left";
  test::fs::remove_all(shop_.path());
  EXPECT_EQ(fetch_model(hash, from("/nowhere")).folder, info.folder) << "it is here";
  remove_model("twin@" + hash.substr(0, 16));
  EXPECT_EQ(in_store(), 0U);
}

TEST_F(Fetch, RemovedByTheNameOrTheHash) {
  const std::string first = write_generation(shop("released/old"), "twin", "1", 2).substr(0, 16);
  const std::string second = write_generation(shop("twin"), "twin", "2", 1).substr(0, 16);
  for (const std::string& hash : {first, second}) (void)fetch_model(hash, from(shop_.path().string()));
  EXPECT_ERROR(remove_model("twin"), ErrorCode::bad_parameter, "several models are called 'twin': twin@");
  EXPECT_ERROR(remove_model("other@" + first), ErrorCode::model_not_found, "no model 'other@");
  EXPECT_EQ(in_store(), 2U);
  remove_model("@" + first.substr(0, 8));
  EXPECT_EQ(in_store(), 1U);
  remove_model("twin");
  EXPECT_EQ(in_store(), 0U);
}

TEST_F(Fetch, WithItsEncoder) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  FetchOptions options = from(shop("twin").string());
  EXPECT_TRUE(fetch_model(hash, options).encoder_path.empty());
  options.encoder = true;
  EXPECT_FALSE(fetch_model(hash, options).encoder_path.empty()) << "in the place of the copy without";
  EXPECT_EQ(in_store(), 1U);
  EXPECT_TRUE(verify_model("twin@" + hash.substr(0, 8)).passed());
}

// Any graph will do here.
TEST_F(Fetch, TheGradientComesWithTheEncoder) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  test::fs::copy_file(shop("twin/decoder.onnx"), shop("twin/gradient.onnx"));
  test::replace_in(shop("twin/model.json"), R"("decoder":)",
                   R"("gradient": {"file": "gradient.onnx", "sha256": ")" + hash + R"("}, "decoder":)");
  FetchOptions options = from(shop("twin").string());
  const auto has_file = [](const ModelInfo& info) { return test::fs::exists(path(info.folder) / "gradient.onnx"); };
  EXPECT_FALSE(has_file(fetch_model(hash, options)));
  options.encoder = true;
  EXPECT_TRUE(has_file(fetch_model(hash, options)));
}

TEST_F(Fetch, FromAFileUrl) {
  const std::string hash = write_generation(shop("a b/twin"), "twin", "1", 2);
  EXPECT_EQ(fetch_model(hash, from("file://" + shop_.path().string() + "/a%20b")).hash, hash);
}

TEST_F(Fetch, FromTheWeb) {
  const std::string hash = write_generation(shop("released/twin@1 %"), "twin", "1", 2);
  test::fs::rename(shop("released/twin@1 %"), shop("released/twin@1"));
  EXPECT_EQ(write_model_list(shop_.path().string()), 1U);
  EXPECT_EQ(fetch_model(hash, web()).hash, hash);
  const std::vector<std::string> wanted{"models.json", "released/twin@1/model.json", "released/twin@1/decoder.onnx"};
  EXPECT_EQ(asked_, wanted);
}

TEST_F(Fetch, TheNextSourceIsAsked) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  FetchOptions options = from("/nowhere");
  options.sources.push_back(home_.path().string());
  EXPECT_ERROR(fetch_model(hash, options), ErrorCode::model_not_found, "/nowhere: there is no such folder");
  EXPECT_ERROR(fetch_model(hash, options), ErrorCode::model_not_found, "it has no model of that hash");
  options.sources.push_back(shop_.path().string());
  EXPECT_EQ(fetch_model(hash, options).hash, hash);
}

TEST_F(Fetch, SourcesOfTheEnvironment) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  EXPECT_ERROR(fetch_model(hash), ErrorCode::model_not_found, "nobody said where from");
  const Variable sources("VAERANS_MODEL_SOURCES", ("/nowhere;;" + shop_.path().string()).c_str());
  EXPECT_EQ(model_sources(), (std::vector<std::string>{"/nowhere", shop_.path().string()}));
  EXPECT_EQ(fetch_model(hash).hash, hash);
}

TEST_F(Fetch, NothingButTheRightWeightsGetsIn) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  test::write_text(shop("twin/decoder.onnx"), test::read_text(shop("twin/decoder.onnx")) + "\xF8\x3F\x01");
  EXPECT_ERROR(fetch_model(hash, from(shop_.path().string())), ErrorCode::model_not_found,
               "the weights are not those of the card");
  // A list that promises another model's folder.
  const std::string other = write_generation(shop("twin"), "twin", "1", 4);
  test::write_text(shop("models.json"), R"({"format": 1, "models": {")" + hash + R"(": "twin"}})");
  EXPECT_ERROR(fetch_model(hash, web()), ErrorCode::model_not_found, other);
  EXPECT_EQ(in_store(), 0U);
}

TEST_F(Fetch, CardsDoNotWriteOutside) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  for (const char* file : {"../decoder.onnx", "/tmp/decoder.onnx", "a/../../decoder.onnx", ""}) {
    write_generation(shop("twin"), "twin", "1", 2);
    test::replace_in(shop("twin/model.json"), "\"file\": \"decoder.onnx\"", "\"file\": \"" + std::string(file) + "\"");
    EXPECT_ERROR(fetch_model(hash, from(shop_.path().string())), ErrorCode::model_not_found, "not inside its folder");
  }
  EXPECT_EQ(in_store(), 0U);
}

TEST_F(Fetch, AnInterruptedTransferLeavesNothing) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  (void)write_model_list(shop_.path().string());
  FetchOptions options = web();
  const Download whole = options.download;
  options.download = [&](const std::string& url, const std::string& to, std::uint64_t most) {
    // As an interrupt does.
    if (url.ends_with(".onnx")) throw 1;  // NOLINT(bugprone-std-exception-baseclass)
    whole(url, to, most);
  };
  EXPECT_THROW((void)fetch_model(hash, options), int);
  EXPECT_EQ(in_store(), 0U);
}

TEST_F(Fetch, ABrokenCopyIsReplaced) {
  const std::string hash = write_generation(shop("twin"), "twin", "1", 2);
  const ModelInfo info = fetch_model(hash, from(shop_.path().string()));
  test::write_text(info.decoder_path, "cut");
  EXPECT_ERROR(find_model("@" + hash), ErrorCode::model_invalid, "vaerans models fetch");
  EXPECT_EQ(fetch_model(hash, from(shop_.path().string())).hash, hash);
  EXPECT_EQ(find_model("@" + hash).folder, info.folder);
}

TEST_F(Fetch, WhatIsAskedForIsChecked) {
  EXPECT_ERROR(fetch_model("photo-f8c32"), ErrorCode::bad_parameter, "16 to 64 hexadecimal digits");
  EXPECT_ERROR(fetch_model("0123456789abcde"), ErrorCode::bad_parameter, "0123456789abcde");
  EXPECT_ERROR(fetch_model("0123456789abcdef", from("ftp://x")), ErrorCode::bad_parameter, "no source of models");
  EXPECT_ERROR(fetch_model("0123456789abcdef", from("package:x")), ErrorCode::bad_parameter, "python -m");
  test::write_text(shop("models.json"), "[]");
  EXPECT_ERROR(fetch_model("0123456789abcdef", web()), ErrorCode::model_not_found, "it is no list of models");
}

TEST_F(Fetch, Differences) {
  write_generation(shop("a"), "twin", "1", 2);
  write_generation(shop("b"), "twin", "2", 4);
  test::fs::remove(shop("b/encoder.onnx"));
  const auto found = diff_models(shop("a").string(), shop("b").string());
  const auto field = [&](const std::string& name) {
    const auto one = std::find_if(found.begin(), found.end(), [&](const auto& d) { return d.field == name; });
    return one == found.end() ? std::string("none") : one->a + " " + one->b;
  };
  EXPECT_EQ(field("revision"), "\"1\" \"2\"");
  EXPECT_EQ(field("latent_std"), "1.0 2.0");
  EXPECT_EQ(field("name"), "none");
  EXPECT_NE(field("hash"), "none");
  EXPECT_TRUE(field("bytes.encoder").ends_with(' ')) << "b has none";
  EXPECT_TRUE(diff_models(shop("a").string(), shop("a").string()).empty());
}

}  // namespace
}  // namespace vaerans
