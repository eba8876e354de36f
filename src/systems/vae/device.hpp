// Latents that stay on the device between vae and vae_decode, as long as nobody on the host asks for them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vaerans/core/system.hpp"
#include "vaerans/model_half.hpp"
#include "vaerans/models.hpp"

namespace vaerans::vae {

/// Whether latents are what the encoder gives and the decoder takes, in all channels: no host needs to touch them.
[[nodiscard]] bool unscaled(const ModelInfo& info);

/// Planes for a half to read or write: its own kind of memory, or else the world's scratch.
class TransferPlanes {
 public:
  TransferPlanes(const Group& group, const ModelHalf& half, const Shape& shape);
  [[nodiscard]] std::span<float> values() const noexcept { return values_; }

 private:
  std::shared_ptr<void> memory_;
  std::span<float> values_;
};

/// Runs an encoder whose result stays on the device: items [first, first + n) of `latents` wait for it. Returns for
/// each whether it holds NaN or infinite numbers; nullopt: the half keeps nothing there, and nothing was done.
[[nodiscard]] std::optional<std::vector<bool>> encode_to_device(const ModelHalf& half, const Shape& planes_shape,
                                                                std::span<const float> planes, Arena& arena,
                                                                const TensorRef& latents, std::size_t first);

/// What an encoder left on the device for these items; nullptr: their values are in memory, or are not the whole of a
/// batch that was left.
[[nodiscard]] std::shared_ptr<const DevicePlanes> left_on_device(const Arena& arena, std::span<const TensorRef> items);

}  // namespace vaerans::vae
