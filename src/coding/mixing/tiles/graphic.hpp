// Whether a picture is a graphic, as text and screen shots are, or a photo: which coder its pixels are for.
#pragma once

#include <cstdint>
#include <vector>

#include "coding/mixing/pixel_tiles.hpp"

namespace vaerans {

/// By how many of its pixels equal a neighbour, and how the others differ from theirs. Smooth photos repeat, too, but
/// where they do not they change by small steps. `likely` ones are mostly graphics, with photos or gradients in them.
enum class Graphic : std::uint8_t { no, perhaps, likely, surely };
[[nodiscard]] Graphic graphic_of(PixelPlanes<const std::uint8_t> picture);

/// Sixteen squares of 256 × 256 pixels from all over a picture of more than two megapixels, as planes: what tells which
/// coder its pixels are for, where that takes a trial. Nothing of a smaller one.
struct PlaneSample {
  std::vector<std::uint8_t> samples;
  std::uint64_t height = 0, width = 0;
};
[[nodiscard]] PlaneSample sample_of(PixelPlanes<const std::uint8_t> picture);
/// What trials are made on: that sample, or nothing where they are made on the whole, which `smallest` asks for up to
/// eight megapixels.
[[nodiscard]] PlaneSample trial_sample_of(PixelPlanes<const std::uint8_t> picture, ModelChoice choice);

/// graphic_of() of rows that come some at a time.
class GraphicCounts {
 public:
  /// The next rows, as wide and of as many planes as those before.
  void add(PixelPlanes<const std::uint8_t> rows);
  [[nodiscard]] Graphic graphic() const;
  /// Whether all pixels were one so far: no graphic, but the next rows may make it one.
  [[nodiscard]] bool is_constant() const noexcept { return constant_; }

 private:
  void count_row();

  std::vector<std::uint8_t> row_, above_, west_, north_;  // the planes of a row and the one above it; differences
  std::size_t width_ = 0, pixels_ = 0, repeated_ = 0, small_ = 0;
  bool constant_ = true;
};

}  // namespace vaerans
