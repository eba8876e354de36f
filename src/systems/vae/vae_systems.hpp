// The two systems of the VAE as classes; their descriptors and makers are in vae.cpp.
#pragma once

#include <memory>
#include <string>

#include "systems/vae/common.hpp"
#include "vaerans/core/descriptor.hpp"

namespace vaerans::vae {

class Encode final : public DescribedSystem {
 public:
  explicit Encode(const Settings<VAEEncodeOptions>& s);

  /// With the model's name where a folder was given.
  [[nodiscard]] ParamList params() const override;
  [[nodiscard]] std::shared_ptr<const System> inverse() const override;
  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                              const Limits& limits) const override;
  void check_undo(const TrailStep& step, const Limits& limits) const override;
  [[nodiscard]] std::optional<std::string> model() const override { return model_->text(); }
  [[nodiscard]] std::shared_ptr<const System> with_model(const std::string& name_or_folder) const override;
  /// The prior in the model's folder.
  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override;
  /// "model", "model_hash" and, where the decoder's tiles are blended, "tiles".
  [[nodiscard]] std::vector<SideInfoField> describe_side_info(std::span<const std::byte> side_info) const override;
  void run(Group& group) const override;
  /// By the model's gradient graph, if it has one.
  [[nodiscard]] bool has_vjp() const override;
  void vjp(const Vjp& request) const override;

  [[nodiscard]] const std::shared_ptr<const ModelHandle>& handle() const noexcept { return model_; }

 private:
  VAEEncodeOptions options_;
  std::shared_ptr<const ModelHandle> model_;
};

class Decode final : public DescribedSystem {
 public:
  explicit Decode(const Settings<VAEDecodeOptions>& s);
  /// What undoes an encoder: by the models that made the latents, which may be several generations of one name, or by
  /// the encoder's where nothing did.
  Decode(const Settings<VAEDecodeOptions>& s, std::shared_ptr<const ModelHandle> model);

  [[nodiscard]] ParamList params() const override;
  void run(Group& group) const override;

 private:
  [[nodiscard]] std::shared_ptr<const models::Model> model_of(const TrailStep* encoding, const Limits& limits) const;
  [[nodiscard]] std::shared_ptr<const models::Model> named_model(const TrailStep* encoding, const Limits& limits) const;

  VAEDecodeOptions options_;
  std::shared_ptr<const ModelHandle> model_;  ///< nullptr: the encoder's, or the default one
  bool named_;                                ///< somebody asked for this model
};

[[nodiscard]] const Descriptor<VAEEncodeOptions>& encoder();
[[nodiscard]] const Descriptor<VAEDecodeOptions>& decoder();

}  // namespace vaerans::vae
