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
  [[nodiscard]] std::optional<std::string> model() const override { return model_->text(); }
  [[nodiscard]] std::shared_ptr<const System> with_model(const std::string& name_or_folder) const override;
  /// The prior in the model's folder.
  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override;
  /// "model", "model_hash" and, where the decoder's tiles are blended, "tiles".
  [[nodiscard]] std::vector<SideInfoField> describe_side_info(std::span<const std::byte> side_info) const override;
  void run(Group& group) const override;

  [[nodiscard]] const std::shared_ptr<const ModelHandle>& handle() const noexcept { return model_; }

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
  [[nodiscard]] std::shared_ptr<const models::Model> model_of(const TrailStep* encoding) const;

  std::shared_ptr<const ModelHandle> model_;  ///< nullptr: see above
  std::string providers_;
  std::int64_t tile_;
};

}  // namespace vaerans::vae
