#include "core/chain/entropy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/half.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kMostElements = 4'000'000;

double entropy_of(std::vector<std::int64_t>& values) {
  std::ranges::sort(values);
  double bits = 0;
  for (std::size_t i = 0; i < values.size();) {
    const auto next = static_cast<std::size_t>(
        std::upper_bound(values.begin() + static_cast<std::ptrdiff_t>(i), values.end(), values[i]) - values.begin());
    const double p = static_cast<double>(next - i) / static_cast<double>(values.size());
    bits -= p * std::log2(p);
    i = next;
  }
  return bits;
}

template <typename T>
T element(const std::byte* data, std::uint64_t i) {
  T value;
  std::memcpy(&value, data + i * sizeof(T), sizeof(T));
  return value;
}

std::int64_t counted(float value, double step) {
  if (step == 0 || !std::isfinite(value)) return std::bit_cast<std::int32_t>(value);
  return std::llround(std::clamp(static_cast<double>(value) / step, -1e15, 1e15));
}

std::int64_t symbol(DType dtype, const std::byte* data, std::uint64_t i, double step) {
  switch (dtype) {
    case DType::u8: return element<std::uint8_t>(data, i);
    case DType::i8: return element<std::int8_t>(data, i);
    case DType::u16: return element<std::uint16_t>(data, i);
    case DType::i16: return element<std::int16_t>(data, i);
    case DType::u32: return element<std::uint32_t>(data, i);
    case DType::i32: return element<std::int32_t>(data, i);
    case DType::i64: return element<std::int64_t>(data, i);
    case DType::f16: return counted(from_half(element<std::uint16_t>(data, i)), step);
    case DType::f32: return counted(element<float>(data, i), step);
  }
  return 0;
}

std::string resolution(DType dtype, double step) {
  const bool floats = dtype == DType::f16 || dtype == DType::f32;
  if (!floats || step == 0) return std::string(dtype_name(dtype));
  char text[48];
  (void)std::snprintf(text, sizeof text, "step %.6g", step);
  return text;
}

}  // namespace

EntropyEstimate estimate_entropy(Arena& arena, std::span<const TensorRef> items, double step) {
  std::uint64_t elements = 0;
  for (const auto& item : items) elements += item.shape().elements();
  if (elements == 0) return {};
  const std::uint64_t stride = (elements + kMostElements - 1) / kMostElements;
  std::vector<std::int64_t> values;
  values.reserve(elements / stride + items.size());
  for (const auto& item : items) {
    const std::byte* const data = arena.data(item);
    for (std::uint64_t i = 0; i < item.shape().elements(); i += stride) {
      values.push_back(symbol(item.dtype(), data, i, step));
    }
  }
  return {entropy_of(values), resolution(items.front().dtype(), step)};
}

}  // namespace vaerans
