// Any bytes as the side information of the entropy coders, and any text as a recipe.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "coding/coder.hpp"
#include "coding/static/static_tables.hpp"
#include "core/chain/recipe.hpp"

namespace {

/// One to four channels of zero to three levels; the sides are odd so that bands differ.
std::vector<vaerans::Subband> subbands_like(unsigned choice) {
  const std::uint32_t channels = 1 + choice % 4, levels = choice / 4 % 4, side = 9 + choice / 16 * 4;
  std::vector<vaerans::Subband> out;
  for (std::uint32_t c = 0; c < channels; ++c) {
    const auto add = [&](std::uint32_t level, vaerans::Orientation band) {
      out.push_back({c, static_cast<std::uint8_t>(level), band, 0, side >> level, (side + 6) >> level});
    };
    add(levels, vaerans::Orientation::LL);
    for (std::uint32_t l = levels; l > 0; --l) {
      for (const auto band : {vaerans::Orientation::HL, vaerans::Orientation::LH, vaerans::Orientation::HH})
        add(l, band);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  if (size == 0) return 0;
  const auto subbands = subbands_like(data[0]);
  try {
    const auto side_info = std::as_bytes(std::span(data, size)).subspan(1);
    const StaticEntropyModel model = read_model(side_info, subbands, 65535, {});
    if (!std::ranges::equal(write_model(model, subbands), side_info)) __builtin_trap();
    (void)stream_tables(model, subbands, 65535);
  } catch (const Error&) {
  }
  try {
    const Subband subband{0, 0, Orientation::LL, 0, data[0] + 1U, 100};
    (void)constriction_counts(std::as_bytes(std::span(data, size)).subspan(1), {&subband, 1});
  } catch (const Error&) {
  }
  try {
    (void)parse_recipe({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
  }
  return 0;
}
