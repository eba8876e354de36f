#include "store/blob/quantized/finite.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "blobs.hpp"
#include "expect_error.hpp"
#include "kernels/arrays/numbers.hpp"

namespace vaerans {
namespace {

using test::gaussian;
using test::Kind;
using test::Shape;

template <class Out>
std::vector<Out> read_as(std::span<const std::uint8_t> blob, NumberType type) {
  std::vector<Out> out(blob_info(blob).count());
  decode_blob(blob, type, std::as_writable_bytes(std::span(out)));
  return out;
}

/// Half numbers up to the largest ones.
std::vector<kernels::Half> near_the_top(std::size_t n, std::uint64_t seed) {
  std::vector<kernels::Half> out;
  for (const float v : gaussian(n, seed))
    out.push_back(kernels::from_float<kernels::Half>(std::clamp(30000 * v, -65504.0F, 65504.0F)));
  return out;
}

TEST(Finite, HalfNumbersNearTheTopStayFinite) {
  const std::pair<Shape, std::uint32_t> shapes[] = {{{4, 32, 32}, 0}, {{2, 2048}, 0}, {{1024, 4}, 1}};
  const Target targets[] = {
      {Kind::bits, 2}, {Kind::bits, 6}, {Kind::step, 3000}, {Kind::rmse, 0.2}, {Kind::max_error, 900}};
  for (const auto& [shape, axis] : shapes) {
    for (const Target& target : targets) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, std::string(target_name(target.kind)));
      const auto x = near_the_top(4096, 3);
      const auto blob = encode_blob({x.data(), NumberType::f16, shape}, {.target = target, .channel_axis = axis});
      const auto out = read_as<kernels::Half>(blob, NumberType::f16);
      double largest = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_TRUE(std::isfinite(kernels::to_float(out[i]))) << i;
        largest = std::max(largest, std::abs(double{kernels::to_float(x[i])} - kernels::to_float(out[i])));
      }
      EXPECT_EQ(static_cast<float>(largest), blob_info(blob).largest_error);
      EXPECT_TRUE(target.kind != Kind::max_error || largest <= target.value);
    }
  }
}

TEST(Finite, OnlyTheArraysOwnTypeIsClamped) {
  std::vector<kernels::Half> x(64, kernels::from_float<kernels::Half>(65000));
  std::fill_n(x.begin(), 32, kernels::from_float<kernels::Half>(64000));
  const auto blob = encode_blob({x.data(), NumberType::f16, {1, 64}}, {.target = {Kind::step, 1990}});
  const auto floats = read_as<float>(blob, NumberType::f32);
  ASSERT_GE(floats[63], 65520) << "this blob has a number that rounds to infinity";
  EXPECT_EQ(kernels::to_float(read_as<kernels::Half>(blob, NumberType::f16)[63]), 65504);
  const BlobReader reader(blob);
  std::vector<kernels::Half> one(64), other(64);
  const auto bytes = [](auto& v) { return std::as_writable_bytes(std::span(v)); };
  const bool both = reader.decode_beside(reader, NumberType::f16, bytes(one), bytes(other));
  EXPECT_TRUE(!both || kernels::to_float(other[63]) == 65504);
  std::vector<float> wide;
  for (const kernels::Half v : x) wide.push_back(kernels::to_float(v));
  const auto of_floats = encode_blob({wide.data(), NumberType::f32, {1, 64}}, {.target = {Kind::step, 1990}});
  EXPECT_ERROR(dtype, "beyond 65504", (void)read_as<kernels::Half>(of_floats, NumberType::f16));
}

TEST(Finite, LooksAtNumbersOnlyWhereTheHeaderLeavesItPossible) {
  blob::Header h;
  h.type = NumberType::f16;
  h.geometry.count = 3;
  h.centers.assign(1, 0);
  std::vector<std::uint16_t> x{0x7C00, 0xFC00, 0x3C00};
  const auto bytes = std::as_writable_bytes(std::span(x));
  h.base = 511;  // times 128
  blob::make_finite(h, bytes);
  EXPECT_EQ(x[0], 0x7C00) << "a header with which no number can be infinite";
  h.base = 512;
  blob::make_finite(h, bytes);
  EXPECT_EQ(x, (std::vector<std::uint16_t>{0x7BFF, 0xFBFF, 0x3C00}));
  x = {0x7F80, 0xFF80, 0x3F80};
  h.type = NumberType::bf16;
  blob::make_finite(h, bytes);
  EXPECT_EQ(x[0], 0x7F80);
  h.base = 0x1p64F;
  h.exceptions.push_back({0, -(std::int64_t{1} << 39U)});
  blob::make_finite(h, bytes);
  EXPECT_EQ(x[0], 0x7F80) << "2^103";
  h.scales.assign(1, 255);
  h.exceptions.front().beyond *= -1;
  h.geometry.haar = true;
  h.rotation.assign(1, 127);
  h.geometry.channels = 300;
  blob::make_finite(h, bytes);
  EXPECT_EQ(x, (std::vector<std::uint16_t>{0x7F7F, 0xFF7F, 0x3F80}));
}

}  // namespace
}  // namespace vaerans
