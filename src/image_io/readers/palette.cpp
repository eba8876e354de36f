#include "image_io/readers/palette.hpp"

#include <algorithm>

#include "image_io/formats/byte_view.hpp"

namespace vaerans::image_io {

unsigned Palette::channels() const {
  const auto grey = [](const auto& color) { return color[0] == color[1] && color[1] == color[2]; };
  return std::ranges::all_of(colors_, grey) ? 1 : 3;
}

void Palette::put(std::size_t number, std::uint8_t* out, unsigned channels, bool tolerant) const {
  if (number < colors_.size()) {
    std::copy_n(colors_[number].begin(), channels, out);
    return;
  }
  if (!tolerant)
    damaged_picture("a pixel of colour " + std::to_string(number) + ", of " + std::to_string(colors_.size()));
  std::fill_n(out, channels, std::uint8_t{0});
}

}  // namespace vaerans::image_io
