// How an array is cut into rows, planes, bands and sections: see docs/format_blob.md, "Sections".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::blob {

inline constexpr std::uint64_t kMaxAxes = 6, kMaxCount = std::uint64_t{1} << 31U, kMaxChannels = 65536;

/// A channel that is not the last axis has rows of its own, each of one channel; the last axis makes rows that hold one
/// number of each channel (columns). With Haar a row is a number of planes.
struct Geometry {
  std::uint64_t count = 0, channels = 0, rows = 0, row_size = 0;
  bool columns = false, haar = false;
  std::uint64_t planes = 1, height = 1, width = 0;  ///< how a row divides
  std::uint64_t rows_per_section = 1;

  [[nodiscard]] std::size_t bands() const noexcept { return haar ? 4 : 1; }
  [[nodiscard]] std::uint64_t band_size(std::size_t band) const noexcept;  ///< in one plane
  [[nodiscard]] std::uint64_t sections() const noexcept {
    return (rows + rows_per_section - 1) / rows_per_section * bands();
  }
  /// How many rows stand together from `first` on, where a group of them begins.
  [[nodiscard]] std::uint64_t rows_together(std::uint64_t first) const noexcept {
    return std::min(rows_per_section, rows - first);
  }
  [[nodiscard]] std::uint64_t channel_of(std::uint64_t row) const noexcept { return row % channels; }
  /// Where a row's bands of its first plane begin among the symbols.
  [[nodiscard]] std::array<std::uint64_t, 4> band_offsets(std::uint64_t row) const noexcept;
};

/// A section's place among the symbols.
struct Section {
  std::uint64_t first, size;
};

/// Calls body(section) in the order of the symbols.
template <class Body>
void for_each_section(const Geometry& g, Body body) {
  std::uint64_t first = 0;
  for (std::uint64_t row = 0; row < g.rows; row += g.rows_per_section) {
    for (std::size_t band = 0; band < g.bands(); ++band) {
      const std::uint64_t size = g.rows_together(row) * g.planes * g.band_size(band);
      body(Section{first, size});
      first += size;
    }
  }
}

/// Whether the array has planes to split: two axes behind the channel's, of two samples or more.
[[nodiscard]] bool has_planes(std::span<const std::uint64_t> shape, std::uint32_t channel_axis) noexcept;

/// Throws Error(shape): no axes or more than six, a length of 0, too many numbers or channels. `haar` is taken only
/// where has_planes().
[[nodiscard]] Geometry geometry_of(std::span<const std::uint64_t> shape, std::uint32_t channel_axis, bool haar);

}  // namespace vaerans::blob
