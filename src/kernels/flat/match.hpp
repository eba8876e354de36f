// An earlier place whose neighbourhood was the same, followed for as long as the pixels there are those here: what
// letters and sprites repeat of themselves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/flat/flat_model.hpp"
#include "kernels/predict/padded_plane.hpp"

namespace vaerans::kernels {

class FlatMatch {
 public:
  static constexpr int kClasses = 9;

  FlatMatch(FlatModel& model, PaddedPlane& pixels, int width) noexcept
      : model_(model), pixels_(pixels), width_(width) {}

  // A match does not go on over the end of a row, neither here nor there.
  void begin_row(int y) noexcept {
    y_ = y;
    left_ = 0;
  }
  // Before the pixel x of the row is known; `far` is the hash of its 13 neighbours. Looks for a match if there is none.
  void look(int x, std::uint64_t far) noexcept {
    std::uint32_t& place = model_.places[far >> (64U - unsigned{FlatModel::kFollowerBits})];
    if (left_ == 0) start(place);
    place = static_cast<std::uint32_t>(y_) * static_cast<std::uint32_t>(width_) + static_cast<std::uint32_t>(x) + 1;
  }
  // Once it is known.
  void learn(std::uint32_t pixel) noexcept {
    if (left_ == 0) return;
    const bool right = std::cmp_equal(*source_, pixel);
    length_ = right ? length_ + 1 : 0;
    left_ = right ? left_ - 1 : 0;
    ++source_;
  }

  // 0: none; else 1 more than how many of these it has been right for.
  [[nodiscard]] std::size_t length_class() const noexcept {
    if (left_ == 0) return 0;
    std::size_t out = 1;
    for (const int least : {2, 9, 21, 41, 101, 301, 1001}) out += length_ >= least ? 1 : 0;
    return out;
  }
  [[nodiscard]] std::uint32_t pixel() const noexcept { return static_cast<std::uint32_t>(*source_); }

 private:
  void start(std::uint32_t place) noexcept {
    if (place == 0) return;
    const auto at = static_cast<int>(place - 1);
    source_ = pixels_.row(at / width_) + at % width_;
    left_ = width_ - at % width_;
    length_ = 0;
  }

  FlatModel& model_;
  PaddedPlane& pixels_;
  int width_, y_ = 0;
  const std::int32_t* source_ = nullptr;
  int left_ = 0, length_ = 0;  // pixels up to the end of the source's row, 0: no match; how many were right
};

}  // namespace vaerans::kernels
