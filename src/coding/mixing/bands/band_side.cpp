#include "coding/mixing/bands/band_side.hpp"

#include <array>

#include "base/bytes.hpp"
#include "coding/mixing/bands/band_tiles.hpp"

namespace vaerans {
namespace {

struct BandKind {
  std::uint8_t number;
  kernels::Indices indices;
  bool tiles;
};
constexpr std::array<BandKind, 4> kKinds{{{2, kernels::Indices::independent, false},
                                          {6, kernels::Indices::dependent, false},
                                          {8, kernels::Indices::independent, true},
                                          {9, kernels::Indices::dependent, true}}};

}  // namespace

ByteBuffer band_side_info(const BandPlan& plan) {
  ByteBuffer out;
  for (const BandKind& kind : kKinds) {
    if (kind.indices == plan.kind && kind.tiles == (plan.side_log != 0)) out.push_back(std::byte{kind.number});
  }
  if (plan.side_log != 0) out.push_back(static_cast<std::byte>(plan.side_log));
  return out;
}

std::optional<BandPlan> band_plan_in(std::span<const std::byte> side_info) {
  if (side_info.empty()) return std::nullopt;
  for (const BandKind& kind : kKinds) {
    if (side_info[0] != std::byte{kind.number}) continue;
    ByteReader in(side_info, "ans side information (mixing)");
    (void)in.u8();
    BandPlan plan{kind.indices};
    if (kind.tiles) plan.side_log = in.u8();
    if (kind.tiles && !BandTileSide::allows(plan.side_log)) in.corrupt("no size of tiles");
    in.expect_end();
    return plan;
  }
  return std::nullopt;
}

}  // namespace vaerans
