#include "kernels/fast/fast_model.hpp"

#include <algorithm>

namespace vaerans::kernels {
namespace {

// Geometric on both sides, about as wide as errors of the class are, in units of 2^low_bits: symbol i takes
// theta^ceil(i / 2) of 2^16, and a little for what was not expected.
FastCell first_cell(int error_class) {
  constexpr std::array<std::uint64_t, 3> kThird{256, 323, 406};
  const auto c = static_cast<std::size_t>(error_class);
  const std::uint64_t mean = (kThird[c % 3] << (c / 3)) * 179 / 512,
                      unit = std::uint64_t{512} << low_bits_of(error_class);
  const std::uint64_t theta = (mean << 16U) / (mean + unit);
  std::array<std::uint64_t, kFastSymbols> share{};
  std::uint64_t total = 0, part = 65536;
  for (std::size_t i = 0; i < share.size(); ++i) {
    if (i % 2 == 1) part = part * theta >> 16U;
    total += share[i] = part + 8;
  }
  FastCell out{};
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): each share is 8 at least
    out[i] = static_cast<std::int16_t>(before * 32767 / total);
    before += share[i];
  }
  return out;
}

}  // namespace

void FastModel::reset() noexcept {
  constexpr std::size_t per_class = std::size_t{kFastCrossClasses} * kFastPhases;
  for (std::size_t c = 0; c < kFastClasses; ++c) {
    const FastCell fresh = first_cell(static_cast<int>(c));
    std::fill_n(error.cell.begin() + c * per_class, per_class, fresh);
    if (c % 2 == 0) continue;
    std::fill_n(west.cell.begin() + c / 2 * kFastPlaces, kFastPlaces, fresh);
    std::fill_n(north.cell.begin() + c / 2 * kFastPlaces, kFastPlaces, fresh);
  }
  error.age.fill(kYoungest);
  west.age.fill(kYoungest);
  north.age.fill(kYoungest);
}

}  // namespace vaerans::kernels
