#include "store/blob/quantized/finite.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/arrays/numbers.hpp"
#include "store/blob/quantized/bank.hpp"

namespace vaerans::blob {
namespace {

double largest_center(const Header& h, double step) {
  double largest = 0;
  for (std::size_t c = 0; c < h.centers.size(); ++c) {
    const bool constant = !h.scales.empty() && h.scales[c] == kConstant;
    const auto bits = static_cast<std::uint32_t>(h.centers[c]);
    const double center = constant ? double{std::bit_cast<float>(bits)} : step * static_cast<double>(h.centers[c]);
    largest = std::max(largest, std::abs(center));
  }
  return largest;
}

/// The largest integer that a number can have, bands and rotation included, in steps.
double largest_integer(const Header& h) {
  double integer = h.wide ? Alphabet<std::uint16_t>::zero : Alphabet<std::uint8_t>::zero;
  if (h.trellis) integer *= 2;
  std::int64_t beyond = 0;
  for (const Exception& e : h.exceptions) beyond = std::max(beyond, std::abs(e.beyond));
  integer += static_cast<double>(beyond);
  if (h.geometry.haar) integer *= 2;  // four of them, times half a step
  return h.rotation.empty() ? integer : integer * static_cast<double>(h.geometry.channels);
}

/// No number is further from 0.
double bound_of(const Header& h) {
  const double step = step_of(h.base, h.scales.empty() ? kUnitScale : std::ranges::max(h.scales));
  return largest_center(h, step) + step * largest_integer(h);
}

void clamp(std::span<std::uint16_t> bits, std::uint16_t largest) {
  for (std::uint16_t& b : bits) {
    if ((b & 0x7FFFU) > largest) b = static_cast<std::uint16_t>((b & 0x8000U) | largest);
  }
}

}  // namespace

void make_finite(const Header& h, std::span<std::byte> bytes) {
  if (h.type == NumberType::f32) return;
  const bool half = h.type == NumberType::f16;
  const std::uint16_t largest = half ? 0x7BFF : 0x7F7F;
  const float value = half ? kernels::to_float(kernels::Half{largest}) : kernels::to_float(kernels::Brain{largest});
  if (bound_of(h) <= double{value}) return;
  clamp({reinterpret_cast<std::uint16_t*>(bytes.data()), h.geometry.count}, largest);
}

}  // namespace vaerans::blob
