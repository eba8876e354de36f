#include "systems/quantize/tile_quantizer.hpp"

#include <algorithm>
#include <cmath>

#include "coding/effort.hpp"
#include "coding/symbols.hpp"
#include "kernels/bands/dependent.hpp"
#include "systems/quantize/band_side_info.hpp"
#include "systems/quantize/quantizer.hpp"

namespace vaerans {
namespace {

// What rounds to zero at little effort, in 1/256 of a step: best over photos at 0.1 to 1.5 bits per pixel.
constexpr int kDeadZone = 156;

// The step of each of the two quantisers of dependent indices: as fine as one of 1 alone. Errors are measured in it.
constexpr double kDependentStep = 1.15;

}  // namespace

void read_exponents(const kernels::StepMap& map, const BandPart& part, std::uint32_t y,
                    std::vector<std::int16_t>& out) {
  out.assign(part.own.w, 0);
  if (part.own.orientation == Orientation::LL) return;
  map.exponents(part.own.level, std::size_t{part.above} + part.top + y, part.left, out);
}

float TileQuantizer::step_in(const Subband& s) const {
  const auto length = kernels::basis_length(s.level);
  const bool high_x = s.orientation == Orientation::HL || s.orientation == Orientation::HH;
  const bool high_y = s.orientation == Orientation::LH || s.orientation == Orientation::HH;
  const double reach = double{high_x ? length.high : length.low} * double{high_y ? length.high : length.low};
  const double step = options_.step * (s.channel != 0 ? options_.chroma : 1);
  return static_cast<float>(step * (options_.dependent ? kDependentStep : 1) / reach);
}

kernels::VisualSteps TileQuantizer::visual_steps_in(const Subband& s) const {
  const bool coarse = s.orientation == Orientation::LL;
  return {step_in(s), kernels::visual_weight(s.channel, coarse ? 0 : s.level, s.orientation == Orientation::HH)};
}

void TileQuantizer::require_coarse_enough(std::span<const float> coefficients, const Subband& s,
                                          const StepMapOrNone& map) const {
  const bool coarse = s.orientation == Orientation::LL;
  const float step = map ? visual_steps_in(s).at(coarse ? std::int16_t{0} : map->least_exponent()) : step_in(s);
  const kernels::Range range = finite_range(coefficients, s);
  if (std::max(range.max, -range.min) / step <= kernels::BandPlane::kMostMagnitude) return;
  throw Error(ErrorCode::limit_exceeded, "quantize_bands: step " + to_string(ParamValue(options_.step)) +
                                             " is too small for " + subband_name(s) + "; use a larger step");
}

TileQuantizer::Tile TileQuantizer::quantize(const BandParts& parts, std::span<const float> item,
                                            const StepMapOrNone& map, kernels::BandBuffers& buffers) const {
  std::vector<std::int32_t> values(coefficients_of(parts));
  for (const BandPart& part : parts) scale(part, item, map, values);
  Tile out;
  out.indices = chosen(layout_of(parts), values, buffers);
  out.sums = sums_of(parts, values, out.indices);
  return out;
}

void TileQuantizer::scale(const BandPart& part, std::span<const float> item, const StepMapOrNone& map,
                          std::span<std::int32_t> values) const {
  const float step = step_in(part.own);
  const kernels::VisualSteps steps = visual_steps_in(part.own);
  std::vector<std::int16_t> exponents;
  for (std::uint32_t y = 0; y < part.own.h; ++y) {
    const auto in = item.subspan(part.row_in_whole(y), part.own.w);
    const auto out = values.subspan(part.row_in_own(y), part.own.w);
    if (!map) {
      kernels::to_steps(in, step, out);
      continue;
    }
    read_exponents(*map, part, y, exponents);
    kernels::to_steps(in, steps, exponents, out);
  }
}

std::vector<std::int32_t> TileQuantizer::chosen(const kernels::BandLayout& layout,
                                                const std::vector<std::int32_t>& values,
                                                kernels::BandBuffers& buffers) const {
  std::vector<std::int32_t> indices = values;
  const Effort& effort = effort_of(options_.effort);
  if (options_.rdo > 0 && !options_.dependent && !effort.weighs_bits) {
    kernels::round_indices(layout, indices, kDeadZone);
    return indices;
  }
  const double price = 256 * options_.rdo * (options_.dependent ? kDependentStep : 1);
  const kernels::Choice how{static_cast<int>(std::lround(price)), effort.index_passes};
  kernels::choose_indices(layout, kind(), values, how, indices, buffers);
  return indices;
}

TileQuantizer::Sums TileQuantizer::sums_of(const BandParts& parts, std::span<const std::int32_t> values,
                                           std::span<const std::int32_t> indices) const {
  Sums sums(centers_for(parts.back().own.channel) + 1);
  std::vector<std::int32_t> half_steps;
  for (const BandPart& p : parts) {
    if (p.own.orientation == Orientation::LL) continue;
    const auto own = part(indices, p.own);
    half_steps.assign(own.begin(), own.end());
    kernels::to_half_steps(half_steps, options_.dependent);
    sums[centers_for(p.own.channel)].add(part(values, p.own), half_steps);
  }
  return sums;
}

std::vector<kernels::StepCenters> TileQuantizer::centers_of(std::span<const Sums> tiles) const {
  Sums all(tiles[0].size());
  for (const Sums& tile : tiles) {
    for (std::size_t k = 0; k < all.size(); ++k) all[k].add(tile[k]);
  }
  const auto [least, most] = center_range(options_.dependent);
  std::vector<kernels::StepCenters> out;
  for (const kernels::StepSums& own : all) out.push_back(own.centers(least, most));
  return out;
}

}  // namespace vaerans
