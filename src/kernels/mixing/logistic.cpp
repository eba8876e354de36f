#include "kernels/mixing/logistic.hpp"

#include <algorithm>
#include <cstddef>

namespace vaerans::kernels {
namespace {

constexpr std::uint64_t kOne = std::uint64_t{1} << 32U;
constexpr std::uint64_t kStep = 4278222805;  // exp(-1/256) × 2^32, rounded

// round(scale × e / (1 + e)), where e = e32 / 2^32 is at most 1 and scale at most 2^24.
std::uint64_t share(std::uint64_t e32, std::uint64_t scale) { return (e32 * scale + (kOne + e32) / 2) / (kOne + e32); }

}  // namespace

LogisticTables::LogisticTables() noexcept {
  std::uint64_t e = kOne;  // exp(-t / 256) × 2^32
  for (int t = 0; t <= kCdfLimit; ++t, e = (e * kStep + kOne / 2) >> 32U) {
    const auto low = static_cast<std::int32_t>(share(e, std::uint64_t{1} << unsigned{kCdfBits}));
    cdf[static_cast<std::size_t>(kCdfLimit - t)] = low;
    cdf[static_cast<std::size_t>(kCdfLimit + t)] = (1 << kCdfBits) - low;
    if (t > kLogitLimit) continue;
    const auto p = static_cast<std::uint16_t>(std::max<std::uint64_t>(1, share(e, 65536)));
    squash[static_cast<std::size_t>(kLogitLimit - t)] = p;
    squash[static_cast<std::size_t>(kLogitLimit + t)] = static_cast<std::uint16_t>(65536 - p);
  }
  // The least logit whose probability reaches the middle of the 16 that share the index; the upper half mirrored.
  std::size_t t = 0;
  for (std::size_t i = 0; i < 2048; ++i) {
    while (squash[t] < 16 * i + 8) ++t;
    stretch[i] = static_cast<std::int16_t>(static_cast<int>(t) - kLogitLimit);
    stretch[4095 - i] = static_cast<std::int16_t>(-stretch[i]);
  }
}

const LogisticTables& logistic_tables() noexcept {
  static const LogisticTables tables;
  return tables;
}

}  // namespace vaerans::kernels
