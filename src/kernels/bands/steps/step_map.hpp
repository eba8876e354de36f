// Where steps are coarser and where they are finer: by band, as eyes see its frequencies, and by place, as what is
// around hides errors.
//
// A step is multiplied by 2^(e / 16). The exponent e is the band's, plus what the map says of the place: half octaves
// for cells of 16 × 16 pixels, with straight lines between their centres. docs/format_bands.md says it exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/bands/band_coder.hpp"

namespace vaerans::kernels {

class StepMap {
 public:
  static constexpr std::size_t kCell = 16;
  static constexpr int kLimit = 16;  // half octaves, both ways

  // Zeros, for a picture of so many pixels, or the one that the bands are of.
  StepMap(std::size_t rows, std::size_t columns);
  explicit StepMap(const BandLayout& layout);

  // The cells of a part of the picture, which begins at cells.
  [[nodiscard]] StepMap part(std::size_t top, std::size_t left, std::size_t rows, std::size_t columns) const;

  [[nodiscard]] std::size_t height() const noexcept { return height_; }
  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  [[nodiscard]] std::span<std::int8_t> cells() noexcept { return cells_; }
  [[nodiscard]] std::span<const std::int8_t> cells() const noexcept { return cells_; }

  // What the map adds to the exponents of row y of a band of that level, from column `left` on.
  void exponents(unsigned level, std::size_t y, std::size_t left, std::span<std::int16_t> out) const;

  // The least of all bands.
  [[nodiscard]] std::int16_t least_exponent() const;

  // As decisions: each cell less the mean of those above and to the left.
  void encode(PartedDecisions& decisions) const;
  // Stops where the decoder fails.
  void decode(PartedDecoder& decoder);

 private:
  // What the cells before cell i say of it.
  [[nodiscard]] int foretold(std::size_t i) const;
  template <class Coder>
  void code(Coder& coder);

  std::size_t height_, width_;
  std::vector<std::int8_t> cells_;
};

// The exponent of a band; LL is asked for as level 0. `diagonal`: HH.
[[nodiscard]] int visual_weight(std::size_t channel, unsigned level, bool diagonal) noexcept;

// 2^(e / 16), the nearest binary32.
[[nodiscard]] float step_factor(int exponent) noexcept;

}  // namespace vaerans::kernels
