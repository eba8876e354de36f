#include "vaerans/core/tensor.hpp"

#include <algorithm>

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

struct DTypeInfo {
  DType dtype;
  std::size_t size;
  std::string_view name, numpy_name;
};
constexpr std::array<DTypeInfo, 9> kDTypes{{{DType::u8, 1, "u8", "uint8"},
                                            {DType::i8, 1, "i8", "int8"},
                                            {DType::u16, 2, "u16", "uint16"},
                                            {DType::i16, 2, "i16", "int16"},
                                            {DType::u32, 4, "u32", "uint32"},
                                            {DType::i32, 4, "i32", "int32"},
                                            {DType::i64, 8, "i64", "int64"},
                                            {DType::f16, 2, "f16", "float16"},
                                            {DType::f32, 4, "f32", "float32"}}};

const DTypeInfo& info(DType dtype) noexcept { return kDTypes[static_cast<std::size_t>(dtype)]; }

}  // namespace

std::size_t dtype_size(DType dtype) noexcept { return info(dtype).size; }
std::string_view dtype_name(DType dtype) noexcept { return info(dtype).name; }

DType parse_dtype(std::string_view name) {
  for (const auto& d : kDTypes) {
    if (d.name == name || d.numpy_name == name) return d.dtype;
  }
  throw Error(ErrorCode::dtype, "unknown dtype '" + std::string(name) +
                                    "'; known: u8 i8 u16 i16 u32 i32 i64 f16 f32 or their NumPy names");
}

Shape::Shape(std::span<const std::uint64_t> dims) : rank_(dims.size()) {
  if (dims.size() > max_rank) {
    throw Error(ErrorCode::shape,
                "a shape has at most " + std::to_string(max_rank) + " axes, not " + std::to_string(dims.size()));
  }
  std::copy(dims.begin(), dims.end(), dims_.begin());
}

std::uint64_t Shape::elements() const {
  if (rank_ == 0) throw Error(ErrorCode::shape, "a tensor needs at least one axis");
  std::uint64_t product = 1;
  for (const std::uint64_t d : dims()) {
    if (d == 0) throw Error(ErrorCode::shape, "shape " + str() + " is empty: every axis must be at least 1");
    if (__builtin_mul_overflow(product, d, &product)) {
      throw Error(ErrorCode::shape, "shape " + str() + " overflows 64 bits");
    }
  }
  return product;
}

Shape Shape::batched(std::uint64_t n) const {
  if (rank_ == max_rank) throw Error(ErrorCode::shape, "shape " + str() + " has no room for a batch axis");
  Shape out;
  out.rank_ = rank_ + 1;
  out.dims_[0] = n;
  std::copy_n(dims_.begin(), rank_, out.dims_.begin() + 1);
  return out;
}

Shape Shape::item() const {
  if (rank_ < 2) throw Error(ErrorCode::shape, "shape " + str() + " has no batch axis to drop");
  return Shape(dims().subspan(1));
}

std::string Shape::str() const {
  std::string out = "(";
  for (std::size_t i = 0; i < rank_; ++i) out += (i ? ", " : "") + std::to_string(dims_[i]);
  return out + (rank_ == 1 ? ",)" : ")");
}

std::array<std::int64_t, Shape::max_rank> TensorRef::strides() const noexcept {
  std::array<std::int64_t, Shape::max_rank> out{};
  auto stride = static_cast<std::int64_t>(dtype_size(dtype_));
  for (std::size_t i = shape_.rank(); i-- > 0;) {
    out[i] = stride;
    stride *= static_cast<std::int64_t>(shape_[i]);
  }
  return out;
}

TensorRef TensorRef::reshaped(const Shape& shape) const {
  if (shape.elements() != shape_.elements()) {
    throw Error(ErrorCode::shape, "cannot view " + shape_.str() + " as " + shape.str() + ": element counts differ");
  }
  TensorRef out = *this;
  out.shape_ = shape;
  return out;
}

}  // namespace vaerans
