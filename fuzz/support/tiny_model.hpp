// A model for fuzz targets, which needs no runtime: its encoder takes every fourth sample of each colour, its decoder
// repeats it.
#pragma once

#include "vaerans/model_backend.hpp"

namespace vaerans::fuzz {

class TinyHalf final : public ModelHalf {
 public:
  explicit TinyHalf(bool decoder) : decoder_(decoder) {}
  [[nodiscard]] const PlanesPort& input() const noexcept override { return port_; }
  [[nodiscard]] const PlanesPort& output() const noexcept override { return port_; }
  [[nodiscard]] const std::string& label() const noexcept override { return label_; }

 private:
  void compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
               const std::shared_ptr<void>&) const override {
    const std::uint64_t h = out_shape[2], w = out_shape[3], in_w = in_shape[3];
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::uint64_t plane = i / (h * w), y = i / w % h, x = i % w;
      out[i] = in[(plane * in_shape[2] + (decoder_ ? y / 4 : y * 4)) * in_w + (decoder_ ? x / 4 : x * 4)];
    }
  }
  PlanesPort port_{"planes", {-1, 3, -1, -1}};
  std::string label_ = "tiny";
  bool decoder_;
};

/// Registers "tiny", once for the process.
inline void have_tiny_model() {
  static const bool registered = [] {
    ModelInfo info;
    info.name = "tiny";
    info.latent_channels = 3;
    info.factor = 4;
    info.hash.assign(64, '0');  // what files in the corpus name
    (void)register_model(std::move(info), std::make_shared<TinyHalf>(false), std::make_shared<TinyHalf>(true));
    return true;
  }();
  (void)registered;
}

}  // namespace vaerans::fuzz
