#include <algorithm>
#include <limits>

#include "api/arena_size.hpp"
#include "api/seen.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/world.hpp"
#include "vaerans/systems/metrics.hpp"

namespace vaerans {

Quality measure(const ImageView& reference, const ImageView& test) {
  const Seen original(reference), result(test);
  World world(arena_bytes_for(2 * reference.height * reference.width));
  const EntityId entity = world.spawn_image(original.view());
  const EntityId other = world.spawn_image(result.view());
  world.set(entity, "ReconRGB", world.get(other, "RGB"));
  Pipe pipe(world, {entity});
  pipe.to(MetricPSNR());
  // The windows of SSIM are 11 pixels wide, SSIMULACRA2 has its own least; smaller pictures have no such numbers.
  const std::uint64_t side = std::min(reference.height, reference.width);
  if (side >= 8) pipe.to(MetricSSIMULACRA2());
  if (side >= 11) pipe.to(MetricSSIM()).to(MetricMSSSIM()).to(MetricMSSSIM({.channels = "rgb"}));
  const auto& metadata = world.metadata(entity);
  const auto value = [&](const char* name, double otherwise) {
    const auto found = metadata.find(name);
    return found == metadata.end() ? otherwise : found->second;
  };
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return {.psnr = both_deep(reference, test) ? psnr_of(reference, test) : value("psnr", kNone),
          .ssim = value("ssim", kNone),
          .ms_ssim = value("ms_ssim", kNone),
          .ms_ssim_rgb = value("ms_ssim_rgb", kNone),
          .ssimulacra2 = value("ssimulacra2", kNone),
          .ms_ssim_scales = static_cast<unsigned>(value("ms_ssim_scales", 0))};
}

}  // namespace vaerans
