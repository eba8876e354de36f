// Any bytes as what follows the prior's number in side information, and as a payload of the context coder.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coding/coder.hpp"
#include "coding/context/context_prior.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/core/world.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace {

using namespace vaerans;

/// The symbols of a residual of 24 x 20 pixels: there is a prior for them in the library.
struct Residuals {
  World world{4 << 20};
  EntityId entity = world.new_entity();
  std::vector<Subband> subbands;
  std::vector<std::uint64_t> work;
  std::array<std::byte, 4> prior_id{};

  Residuals() {
    world.set_tensor(entity, "Residual", Kind::difference, world.arena().alloc_tensor({24, 20, 3}, DType::i16));
    Pipe(world, {entity}).select("Residual").to(ReversibleColor()).to(WaveletCDF53({.levels = 3})).to(Quantize());
    subbands = subbands_of(world.get(entity, "SymbolsU8").spec);
    work.resize(context_coder().work_bytes(subbands) / sizeof(std::uint64_t));
    const std::uint32_t id = residual_prior()->id;
    for (std::size_t i = 0; i < prior_id.size(); ++i) prior_id[i] = static_cast<std::byte>(id >> (8 * i) & 0xFFU);
  }
};

}  // namespace

// Byte 0: how many bytes of the side information follow; then those, then the payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Residuals residuals;
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const std::size_t cut = std::min<std::size_t>(bytes.size(), data[0] % 32U);
  ByteBuffer side_info(residuals.prior_id.begin(), residuals.prior_id.end());
  side_info.insert(side_info.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
  std::vector<std::uint16_t> symbols(24 * 20 * 3);
  try {
    context_coder().decode(
        side_info, bytes.subspan(cut),
        {residuals.subbands, residual_prior(), Workspace(std::as_writable_bytes(std::span(residuals.work)))}, {},
        std::span<std::uint16_t>(symbols));
  } catch (const Error&) {
  }
  return 0;
}
