// What the bindings of blobs and of the store share: arrays and targets as Python gives them.
#pragma once

#include <span>
#include <string>

#include "convert.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/store/blob.hpp"

namespace vaerans::python {

using RoomArray = nb::ndarray<nb::c_contig, nb::device::cpu>;

/// Throw Error(dtype), Error(bad_parameter).
[[nodiscard]] NumberType number_of(const std::string& name);
[[nodiscard]] Target target_of(const std::string& name, double value);
/// NumPy has no bfloat16: such numbers come as an array of 16-bit integers.
[[nodiscard]] ArrayView view_of(const PackedArray& array, const std::string& type);
[[nodiscard]] std::span<std::byte> room_of(const RoomArray& out);

}  // namespace vaerans::python
