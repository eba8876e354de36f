#include <algorithm>
#include <limits>

#include "api/arena_size.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/world.hpp"
#include "vaerans/systems/metrics.hpp"

namespace vaerans {

Quality measure(const ImageView& reference, const ImageView& test) {
  World world(arena_bytes_for(2 * reference.height * reference.width));
  const EntityId entity = world.spawn_image(reference);
  const EntityId other = world.spawn_image(test);
  world.set(entity, "ReconRGB", world.get(other, "RGB"));
  Pipe pipe(world, {entity});
  pipe.to(MetricPSNR());
  Quality out{world.metadata(entity).at("psnr"), std::numeric_limits<double>::quiet_NaN(),
              std::numeric_limits<double>::quiet_NaN()};
  // The windows of both are 11 pixels wide; smaller pictures have no such numbers.
  if (std::min(reference.height, reference.width) < 11) return out;
  pipe.to(MetricSSIM()).to(MetricMSSSIM());
  out.ssim = world.metadata(entity).at("ssim");
  out.ms_ssim = world.metadata(entity).at("ms_ssim");
  out.ms_ssim_scales = static_cast<unsigned>(world.metadata(entity).at("ms_ssim_scales"));
  return out;
}

}  // namespace vaerans
