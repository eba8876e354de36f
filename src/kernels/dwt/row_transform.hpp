// The 9/7 of a plane whose rows come one after another, in the memory of some rows. The bands are those of
// dwt_forward(), bit by bit: it does the same to each row.
#pragma once

#include <vector>

#include "kernels/dwt/dwt.hpp"

namespace vaerans::kernels {

// Who keeps the rows of the bands, which come from the top in each.
class BandRows {
 public:
  BandRows() = default;
  BandRows(const BandRows&) = delete;
  BandRows& operator=(const BandRows&) = delete;
  virtual ~BandRows() = default;
  // Where row y of a band goes.
  virtual float* row(std::uint32_t level, BandKind kind, std::size_t y) = 0;
};

class RowTransform97 {
 public:
  // How many rows of the plane more than a band's row stands for must have come before it is there, at most.
  [[nodiscard]] static constexpr std::uint64_t ahead(std::uint32_t levels) noexcept {
    return std::uint64_t{8} << levels;
  }

  // `levels` is clamped as by dwt_forward(), and must be 1 at least then.
  RowTransform97(std::uint32_t h, std::uint32_t w, std::uint32_t levels);
  ~RowTransform97();
  RowTransform97(RowTransform97&&) noexcept;
  RowTransform97& operator=(RowTransform97&&) noexcept;
  RowTransform97(const RowTransform97&) = delete;
  RowTransform97& operator=(const RowTransform97&) = delete;

  // The next row of the plane; the last one brings all that is left of the bands.
  void add(const float* row, BandRows& out);

 private:
  struct Level;
  void add_to(std::size_t level, const float* row, BandRows& out);
  std::vector<Level> levels_;
};

}  // namespace vaerans::kernels
