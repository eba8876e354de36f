// The wavelet bands of a picture, strip by strip: memory holds those of a strip and of what the transform must see
// below it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "api/strips/picture_rows.hpp"
#include "kernels/dwt/row_transform.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

class BandStrips {
 public:
  /// The bands of the first `planes` planes of YCoCg. `ends`: the rows where strips end, whole multiples of 2^levels
  /// but for the last, which is the picture's height.
  BandStrips(const PictureKind& kind, std::uint32_t planes, std::uint32_t levels, std::vector<std::uint64_t> ends);

  /// Goes to the next strip, which the picture's next rows bring. False behind the last one.
  bool next(PictureRows& picture, unsigned threads);

  /// The row of the picture where the strip ends.
  [[nodiscard]] std::uint64_t end() const noexcept { return ends_[strip_ - 1]; }
  /// The bands of the whole picture, in the order of cdf97.
  [[nodiscard]] std::span<const Subband> whole() const noexcept { return whole_; }
  /// Those of the strip, which lie among values(): each is some rows of the whole one, from row top(i) on.
  [[nodiscard]] std::span<const Subband> bands() const noexcept { return bands_; }
  [[nodiscard]] std::uint32_t top(std::size_t band) const noexcept { return rows_[band].first; }
  [[nodiscard]] std::span<const float> values() const noexcept { return {values_.get(), size_}; }

 private:
  struct Rows {
    std::uint32_t first = 0, end = 0, come = 0;  // the strip's, and how many are there
  };
  class Keeper;

  void place(std::span<const std::uint64_t> ends);
  void move_on();
  [[nodiscard]] std::uint32_t end_in(const Subband& band, std::uint64_t end) const;
  [[nodiscard]] bool complete() const;
  void add(const ImageView& rows, unsigned threads);

  PictureKind kind_;
  std::uint32_t planes_;
  std::vector<std::uint64_t> ends_;
  std::vector<Subband> whole_, bands_;
  std::vector<Rows> rows_;  // each band's
  std::vector<kernels::RowTransform97> transforms_;
  std::unique_ptr<float[]> values_;  // not cleared: what no row reaches takes no memory
  std::size_t size_ = 0, strip_ = 0;
  std::uint64_t taken_ = 0;  // rows of the picture
  std::vector<float> block_;
};

}  // namespace vaerans
