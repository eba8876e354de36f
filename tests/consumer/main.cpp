// A consumer of the installed library: sees nothing of the source tree, and codes a latent without any model.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vaerans/vaerans.hpp>

int main() {
  vaerans::Latent latent{{4, 8, 8}, {}};
  for (int i = 0; i < 4 * 8 * 8; ++i) latent.values.push_back(std::sin(0.1F * static_cast<float>(i)));
  const vaerans::Bytes file =
      vaerans::compress_latent(latent, "hadamard4 | cdf53(levels=2) | quantize(step=0.1) | ans");
  const vaerans::Latent decoded = vaerans::decompress_latent(file);

  float worst = 0;
  for (std::size_t i = 0; i < latent.values.size(); ++i) {
    worst = std::max(worst, std::abs(latent.values[i] - decoded.values.at(i)));
  }
  std::printf("vaerans %s: %zu floats in %zu bytes, largest error %.3f\n", vaerans::version_string,
              latent.values.size(), file.size(), static_cast<double>(worst));
  for (const vaerans::ModelInfo& model : vaerans::list_models()) std::printf("model %s\n", model.folder.c_str());
  return worst < 0.5F ? 0 : 1;
}
