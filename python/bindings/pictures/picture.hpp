// Pictures that Python hands over: arrays, PIL images, and lists of them.
#pragma once

#include <nanobind/ndarray.h>

#include <cstdint>
#include <span>
#include <vector>

#include "bindings.hpp"
#include "convert.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::python {

/// A picture in somebody's memory, or in `copy` where that is not made of packed rows.
struct Picture {
  nb::ndarray<nb::ro, nb::device::cpu> array;
  std::vector<std::uint8_t> copy;
  ImageView view;
};

/// (H, W) or (H, W, 1 to 4) uint8 or uint16 of any strides, a PIL image, or what numpy.asarray makes of the object.
/// Grey PIL images become RGB unless their kind is to be kept. `check` is asked where the pixels have to be copied.
/// Throws Error(image_unsupported) that says what it is and how to convert it.
[[nodiscard]] Picture picture_of(nb::handle image, const BeforeCopy& check, bool keep_kind = false);

/// A picture of floats from black to white, rounded to uint8: `value_range` is a pair of numbers. Throws
/// Error(bad_parameter) for another one, Error(image_unsupported).
[[nodiscard]] Picture picture_from_range(nb::handle image, nb::handle value_range, const BeforeCopy& check);

/// The pictures of a list, or of one (N, H, W, 3) array.
struct Pictures {
  std::vector<Picture> taken;
  std::vector<std::size_t> places;  ///< where each of them stands in the list
  std::vector<Failure> failures;    ///< the rest under OnError::collect; `entity` is the place
  std::size_t count = 0;            ///< how many the list has, failed ones included
};
[[nodiscard]] Pictures pictures_of(nb::handle images, const BeforeCopy& check, OnError on_error = OnError::raise,
                                   bool keep_kind = false);
[[nodiscard]] std::vector<ImageView> views_of(std::span<const Picture> pictures);

}  // namespace vaerans::python
