#include "systems/vae/device.hpp"

#include "models/model.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::vae {

bool unscaled(const ModelInfo& info) {
  for (std::size_t channel = 0; channel < info.latent_channels; ++channel) {
    const models::LatentScale how = models::latent_scale(info, channel);
    if (how.scale != 1.0 || how.shift != 0.0) return false;
  }
  return true;
}

TransferPlanes::TransferPlanes(const Group& group, const ModelHalf& half, const Shape& shape)
    : memory_(half.transfer_memory(shape.elements() * sizeof(float))) {
  if (memory_ != nullptr) {
    values_ = {static_cast<float*>(memory_.get()), static_cast<std::size_t>(shape.elements())};
  } else {
    values_ = group.view<float>(group.world().scratch("vae.planes", shape, DType::f32));
  }
}

std::optional<std::vector<bool>> encode_to_device(const ModelHalf& half, const Shape& planes_shape,
                                                  std::span<const float> planes, Arena& arena, const TensorRef& latents,
                                                  std::size_t first) {
  std::vector<TensorRef> items;
  for (std::size_t i = 0; i < planes_shape[0]; ++i) items.push_back(arena.subref_axis0(latents, first + i));
  const TensorRef batch = arena.join_axis0(items);
  const auto left = half.run_to_device(planes_shape, planes, batch.shape());
  if (left == nullptr) return std::nullopt;
  arena.defer(batch, left);
  return left->non_finite();
}

std::shared_ptr<const DevicePlanes> left_on_device(const Arena& arena, std::span<const TensorRef> items) {
  const TensorRef batch = arena.join_axis0(items);
  if (!batch.valid()) return nullptr;
  return std::dynamic_pointer_cast<const DevicePlanes>(arena.deferred(batch));
}

}  // namespace vaerans::vae
