// What an encoder knows of an array: its numbers as floats, and mean, spread and extremes of each channel.
#pragma once

#include <span>
#include <vector>

#include "base/memory.hpp"
#include "store/blob/geometry.hpp"
#include "store/blob/room.hpp"
#include "vaerans/store/blob.hpp"

namespace vaerans::blob {

struct Channel {
  double mean = 0, deviation = 0;  ///< standard deviation over the array; 0 only if all numbers are equal
};

/// Throws Error(non_finite), which names the first channel with NaN or infinity.
[[nodiscard]] std::vector<Channel> channels_of(std::span<const float> x, const Geometry& geometry);

/// The mean over channels that are not constant of their mean squared error, each relative to its variance; and the
/// largest absolute error.
struct Errors {
  double rmse = 0, largest = 0;
};
[[nodiscard]] Errors errors_between(std::span<const float> x, std::span<const float> decoded, const Geometry& geometry,
                                    std::span<const Channel> channels);

/// Numbers of any type as floats: in place where they are floats, else in `memory`.
[[nodiscard]] std::span<const float> as_floats(const void* data, NumberType type, std::uint64_t count,
                                               RecycledRoom<float>& memory);

}  // namespace vaerans::blob
