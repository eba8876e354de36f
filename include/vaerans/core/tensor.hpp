// Tensors: element types, shapes and TensorRef, the immutable handle of a tensor in an Arena.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace vaerans {

/// Element types. The numbers are pinned: files and the Python package use them.
enum class DType : std::uint8_t { u8 = 0, i8, u16, i16, u32, i32, i64, f16, f32 };

[[nodiscard]] std::size_t dtype_size(DType dtype) noexcept;
[[nodiscard]] std::string_view dtype_name(DType dtype) noexcept;  ///< "u8" … "f32"
/// Parses "u8" … "f32" and the NumPy names "uint8" … "float32"; throws Error(dtype).
[[nodiscard]] DType parse_dtype(std::string_view name);

/// DType of a C++ element type: dtype_of<float> == DType::f32.
template <typename T>
inline constexpr DType dtype_of = [] {
  static_assert(sizeof(T) == 0, "no DType for this type");
  return DType::u8;
}();
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::i8;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::u16;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::i16;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::u32;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::i64;
template <>
inline constexpr DType dtype_of<float> = DType::f32;

/// The extents of a tensor: rank 1 to 6, every extent ≥ 1 once it is used for an allocation.
class Shape {
 public:
  static constexpr std::size_t max_rank = 6;
  Shape() = default;
  Shape(std::initializer_list<std::uint64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const std::uint64_t> dims);  ///< throws Error(shape) over max_rank

  [[nodiscard]] std::size_t rank() const noexcept { return rank_; }
  [[nodiscard]] std::uint64_t operator[](std::size_t axis) const noexcept { return dims_[axis]; }
  [[nodiscard]] std::span<const std::uint64_t> dims() const noexcept { return {dims_.data(), rank_}; }
  /// Product of the extents; throws Error(shape) where an extent is zero or the product overflows.
  [[nodiscard]] std::uint64_t elements() const;
  /// This shape with one axis of extent n put before it: (H,W,3) → (n,H,W,3).
  [[nodiscard]] Shape batched(std::uint64_t n) const;
  /// This shape without its first axis: (N,H,W,3) → (H,W,3).
  [[nodiscard]] Shape item() const;
  [[nodiscard]] std::string str() const;  ///< "(4, 64, 96)"
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::uint64_t, max_rank> dims_{};
  std::size_t rank_ = 0;
};

/// Where a tensor lies in its arena. An immutable value: copying it copies no data. Made by Arena only.
class TensorRef {
 public:
  TensorRef() = default;
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] DType dtype() const noexcept { return dtype_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }  ///< bytes from the arena's base
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }    ///< bytes spanned
  /// Byte strides; tensors are C-contiguous.
  [[nodiscard]] std::array<std::int64_t, Shape::max_rank> strides() const noexcept;
  [[nodiscard]] bool valid() const noexcept { return arena_ != 0; }
  /// The same memory under another shape of as many elements.
  [[nodiscard]] TensorRef reshaped(const Shape& shape) const;

 private:
  friend class Arena;
  Shape shape_;
  std::uint64_t offset_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint32_t arena_ = 0;
  DType dtype_ = DType::u8;
};

}  // namespace vaerans
