// Palette: from numbers of colours to samples, for formats that our own readers read.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

class Palette {
 public:
  void add(std::array<std::uint8_t, 3> color) { colors_.push_back(color); }
  /// A picture of nothing but grey colours is a grey picture.
  [[nodiscard]] unsigned channels() const;
  /// Writes channels() samples. Error(image_unreadable) for a number without a colour, which is black if `tolerant`.
  void put(std::size_t number, std::uint8_t* out, unsigned channels, bool tolerant) const;

 private:
  std::vector<std::array<std::uint8_t, 3>> colors_;
};

}  // namespace vaerans::image_io
