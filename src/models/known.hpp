// Published VAEs that are known by name: what their graphs do not say.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vaerans::models {

/// As published with the weights (config.json and the licence of the repository). Latents are kept scaled: their spread
/// over photos is then about 1.
struct KnownModel {
  std::string_view name, repository, licence;
  double scaling, shift;
  std::uint32_t channels, factor;
  float pixel_low;  ///< lower end of the published network's pixel range; the upper end is 1
};

[[nodiscard]] std::span<const KnownModel> known_models() noexcept;

/// nullptr for other names. Versions of one model that share all of these properties (fp16-fix, ft-ema) are known by
/// their repositories, too.
[[nodiscard]] const KnownModel* find_known_name(std::string_view name) noexcept;
[[nodiscard]] const KnownModel* find_known_repository(std::string_view repository) noexcept;

}  // namespace vaerans::models
