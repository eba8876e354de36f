// How busy a picture is from place to place, and the map of steps that follows from it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/bands/steps/step_map.hpp"

namespace vaerans::kernels {

// Gathers the energy of luma's finest details, band by band, all at once or some rows at a time.
class Activity {
 public:
  static constexpr std::size_t kLevels = 3;  // whose bands are details
  // Parts of a picture that begin and end at multiples of so many rows can be added one after the other.
  static constexpr std::size_t kBlock = 8;

  // For a picture of so many pixels.
  Activity(std::size_t rows, std::size_t columns);

  // Rows of a band of that level, from its row `top` on. The order of bands matters in the last bit: HL, LH, HH of the
  // finest level, then of the next.
  void add(std::size_t level, std::size_t top, const BandPlace& place, std::span<const float> coefficients);

  // A cell whose variance is an octave above the picture's mean gets `strength` half octaves more.
  [[nodiscard]] StepMap map(double strength) const;

 private:
  [[nodiscard]] double of_cell(std::size_t row, std::size_t column) const;

  std::size_t rows_, columns_, height_, width_;  // the picture's, and its blocks
  std::vector<float> energy_;                    // the mean in each block
};

// The map of a whole picture: `luma` has the coefficients of the layout's first channel, at their places.
[[nodiscard]] StepMap activity_map(const BandLayout& layout, std::span<const float> luma, double strength);

}  // namespace vaerans::kernels
