#include "coding/static/entropy_costs.hpp"

#include <cmath>
#include <unordered_map>

namespace vaerans {
namespace {

// An index that is not there counts as if half of one were.
constexpr double kUnseen = 0.5;

using Counts = std::unordered_map<std::int32_t, double>;

double count_of(const Counts& counts, std::int32_t index) {
  const auto found = counts.find(index);
  return kUnseen + (found == counts.end() ? 0 : found->second);
}

}  // namespace

void rises_by_frequency(std::span<const Subband> subbands, std::span<const std::int32_t> indices,
                        std::span<const std::int32_t> floors, std::span<float> rises) {
  for (const Subband& s : subbands) {
    Counts counts;
    for (const std::int32_t index : indices.subspan(s.offset, s.size())) ++counts[index];
    for (std::uint64_t i = s.offset; i < s.offset + s.size(); ++i)
      rises[i] = static_cast<float>(std::log2(count_of(counts, floors[i]) / count_of(counts, floors[i] + 1)));
  }
}

}  // namespace vaerans
