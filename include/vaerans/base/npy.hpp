// What stands before the numbers in a .npy file of NumPy (numpy.lib.format in its manual says what each byte means).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vaerans {

/// A shape as Python writes it: "(4, 64, 64)", "(7,)", "()".
[[nodiscard]] std::string shape_text(std::span<const std::uint64_t> shape);

/// The header of a file of version 1.0 whose numbers follow in row-major order. `descr` is NumPy's name of their type,
/// such as "<f4". Its length is a multiple of 64 bytes.
[[nodiscard]] std::string npy_header(std::string_view descr, std::span<const std::uint64_t> shape);

}  // namespace vaerans
