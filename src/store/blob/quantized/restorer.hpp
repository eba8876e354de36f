// From the symbols of a blob to the numbers of its rows.
#pragma once

#include <algorithm>

#include "kernels/arrays/restore.hpp"
#include "kernels/arrays/restore_ref.hpp"
#include "store/blob/header.hpp"

namespace vaerans::blob {

/// Where a symbol stands: in which row and band, and at which place of all that the row has of the band.
struct SymbolPlace {
  std::uint64_t row, at;
  std::size_t band;
};
[[nodiscard]] inline SymbolPlace symbol_place(const Geometry& g, std::uint64_t position) noexcept {
  const std::uint64_t first = position / g.row_size / g.rows_per_section * g.rows_per_section;
  const std::uint64_t together = g.rows_together(first);
  std::uint64_t at = position - first * g.row_size;
  for (std::size_t band = 0;; ++band) {
    const std::uint64_t of_row = g.planes * g.band_size(band);
    if (at < together * of_row || band + 1 == g.bands()) return {first + at / of_row, at % of_row, band};
    at -= together * of_row;
  }
}

/// Where four integers of the bands make four numbers.
struct HaarCell {
  std::uint64_t plane, y, x;
};
[[nodiscard]] inline HaarCell haar_cell(const Geometry& g, const SymbolPlace& place) noexcept {
  const std::uint64_t size = g.band_size(place.band), wide = (g.width + (place.band & 1U ? 0 : 1)) / 2;
  const std::uint64_t at = place.at % size;
  return {place.at / size, at / wide, at % wide};
}

/// The integers of symbols, each of which is stored with `zero` added, and the numbers that they make. Not all symbols
/// of a blob have to be there: from() says where they begin.
template <class Symbol>
class Restorer {
 public:
  Restorer(const Header& header, std::span<const Symbol> symbols, std::int32_t zero)
      : h_(header), g_(h_.geometry), symbols_(symbols), zero_(zero) {}
  void from(std::uint64_t position) noexcept { first_ = position; }

  /// The row's numbers by steps and centers, exceptions left out.
  template <class Out>
  void row(std::uint64_t row, const Steps& steps, Out* out) const {
    auto offsets = g_.band_offsets(row);
    for (std::uint64_t& offset : offsets) offset -= first_;
    const std::span<const Symbol> symbols(symbols_.data() + offsets[0], g_.haar ? 0 : g_.row_size);
    if (g_.columns) {
      kernels::restore_columns(symbols, zero_, steps.step.data(), steps.center.data(), out);
    } else if (!g_.haar) {
      kernels::restore(symbols, zero_, affine(row, steps), out);
    } else {
      planes(offsets, affine(row, steps), out);
    }
  }
  [[nodiscard]] kernels::Affine affine(std::uint64_t row, const Steps& steps) const {
    const std::uint64_t c = g_.channel_of(row);
    return {g_.haar ? steps.step[c] * 0.5F : steps.step[c], steps.center[c]};
  }
  /// With its exception, if it has one.
  [[nodiscard]] std::int64_t integer(std::uint64_t position) const {
    const auto at = std::ranges::lower_bound(h_.exceptions, position, {}, &Exception::position);
    const bool found = at != h_.exceptions.end() && at->position == position;
    return std::int64_t{symbols_[position - first_]} - zero_ + (found ? at->beyond : 0);
  }
  [[nodiscard]] kernels::HaarPlace<std::int64_t> integers(std::uint64_t row, const HaarCell& cell) const {
    const auto offsets = g_.band_offsets(row);
    const std::uint64_t low = (g_.width + 1) / 2, high = g_.width / 2;
    const auto at = [&](std::size_t b, std::uint64_t wide) {
      return integer(offsets[b] + cell.plane * g_.band_size(b) + cell.y * wide + cell.x);
    };
    const bool right = cell.x < high, below = 2 * cell.y + 1 < g_.height;
    return {at(0, low), right ? at(1, high) : 0, below ? at(2, low) : 0, right && below ? at(3, high) : 0};
  }

 private:
  template <class Out>
  void planes(const std::array<std::uint64_t, 4>& offsets, kernels::Affine affine, Out* out) const {
    for (std::uint64_t plane = 0; plane < g_.planes; ++plane) {
      kernels::HaarBands<const Symbol> bands{{}, g_.height, g_.width};
      for (std::size_t b = 0; b < 4; ++b) bands.band[b] = symbols_.data() + offsets[b] + plane * g_.band_size(b);
      kernels::restore_haar(bands, zero_, affine, out + plane * g_.height * g_.width);
    }
  }

  const Header& h_;
  const Geometry& g_;
  std::span<const Symbol> symbols_;
  std::int32_t zero_;
  std::uint64_t first_ = 0;
};

}  // namespace vaerans::blob
