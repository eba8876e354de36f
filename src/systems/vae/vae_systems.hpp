// The two systems of the VAE as classes; their makers are in vae.cpp.
#pragma once

#include <memory>
#include <string>

#include "systems/vae/common.hpp"

namespace vaerans::vae {

class Encode final : public System {
 public:
  explicit Encode(const VAEOptions& options);
  Encode(std::shared_ptr<const ModelHandle> model, const VAEOptions& options);

  [[nodiscard]] const Contract& contract() const override;
  [[nodiscard]] ParamList params() const override;
  [[nodiscard]] std::shared_ptr<const System> inverse() const override;
  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                              const Limits& limits) const override;
  void run(Group& group) const override;

  [[nodiscard]] const std::shared_ptr<const ModelHandle>& model() const noexcept { return model_; }

 private:
  std::shared_ptr<const ModelHandle> model_;
  VAEOptions options_;
};

class Decode final : public System {
 public:
  /// An empty model name: that of the encoder which made the latent, or the default model for other latents.
  explicit Decode(const VAEOptions& options);
  Decode(std::shared_ptr<const ModelHandle> model, std::string providers, std::int64_t tile);

  [[nodiscard]] const Contract& contract() const override;
  [[nodiscard]] ParamList params() const override;
  void run(Group& group) const override;

 private:
  [[nodiscard]] std::shared_ptr<const onnx::Model> model_of(const TrailStep* encoding) const;

  std::shared_ptr<const ModelHandle> model_;  ///< nullptr: see above
  std::string providers_;
  std::int64_t tile_;
};

}  // namespace vaerans::vae
