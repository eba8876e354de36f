// Generations of one model: folders whose cards have one name, and whose networks differ.
#pragma once

#include <string>

#include "base/hash.hpp"
#include "make_graph.hpp"

namespace vaerans::test {

/// A whole model in `folder`. The latents of one gain mean nothing to the decoder of another. Returns its hash.
inline std::string write_generation(const fs::path& folder, const std::string& name, const std::string& revision,
                                    double gain) {
  Graph encoder;
  encoder.gain = gain;
  write_pair(folder, encoder, 4);
  const std::string hash = file_sha256(folder / "decoder.onnx");
  const auto half = [&](const std::string& file) {
    return R"({"file": ")" + file + R"(", "sha256": ")" + file_sha256(folder / file) + R"("})";
  };
  write_text(folder / "model.json",
             R"({"format": 1, "name": ")" + name + R"(", "revision": ")" + revision +
                 R"(", "latent_channels": 4, "factor": 8, "pixel_range": [-1, 1], "latent_std": )" +
                 std::to_string(gain / 2) + R"(, "encoder": )" + half("encoder.onnx") + R"(, "decoder": )" +
                 half("decoder.onnx") + "}");
  return hash;
}

/// Folders of models that are a test's own, and none of the machine's.
class OwnModels : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path folder(const std::string& name) const { return root_.path() / name; }

  TempFolder root_, home_;
  Variable model_path_{"VAERANS_MODEL_PATH", root_.path().c_str()};
  Variable data_home_{"XDG_DATA_HOME", home_.path().c_str()};
  Variable hub_{"HF_HUB_CACHE", (home_.path() / "hub").c_str()};
};

}  // namespace vaerans::test
