// One level of the CDF 9/7 transform, as forward_level and inverse_level in dwt_level.hpp. Internal to the kernels.
//
// Four lifting steps where the 5/3 has two. Plain loops over rows, which compilers make vectors of: each sample is
// added and multiplied in one order, without fused operations, so that all machines get the same bits.
#pragma once

#include "kernels/dwt/dwt_level.hpp"

namespace vaerans::kernels::lifting {

// Room for eight rows, of which the steps need six at a time.
struct RowRing {
  float* rows;
  std::size_t stride;
  float* operator()(std::ptrdiff_t r) const noexcept { return rows + static_cast<std::size_t>(r & 7) * stride; }
};

// A level of the forward transform whose rows come one after another, from the top. A row is ready five rows later.
class LevelRows97 {
 public:
  // scratch: level_scratch_size(s.w) elements.
  LevelRows97(Size s, float* scratch) noexcept : size_(s), ring_{scratch, 2 * half_row_stride(s.w)} {}
  // The next row. All that are ready must be split before.
  void add(const float* row) noexcept;
  [[nodiscard]] bool ready() const noexcept { return given_ < until_; }
  // The row that is ready: an even one has low samples of the columns, an odd one high ones.
  [[nodiscard]] std::size_t row() const noexcept { return static_cast<std::size_t>(given_); }
  // Filters it along, into ceil(w / 2) and floor(w / 2) samples. The next one may be ready then.
  void split(float* low, float* high) noexcept;

 private:
  [[nodiscard]] std::ptrdiff_t height() const noexcept { return static_cast<std::ptrdiff_t>(size_.h); }
  void step() noexcept;

  Size size_;
  RowRing ring_;
  std::ptrdiff_t come_ = 0, next_ = 0, until_ = 0, given_ = 0;
};

void forward_level_97(const float* src, Size s, const Quad<float>& q, float* scratch) noexcept;
void inverse_level_97(float* dst, Size s, const Quad<const float>& q, float* scratch) noexcept;

}  // namespace vaerans::kernels::lifting
