#include "vaerans/store/blob.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <vector>

#include "blobs.hpp"
#include "each_target.hpp"
#include "expect_error.hpp"
#include "kernels/arrays/numbers.hpp"
#include "test_data.hpp"

namespace vaerans {
namespace {

using test::bits_of;
using test::count_of;
using test::decoded;
using test::gaussian;
using test::Kind;
using test::relative_error;
using test::Shape;

template <class Out>
std::vector<Out> as(const std::vector<float>& x) {
  std::vector<Out> out;
  for (const float v : x) out.push_back(kernels::from_float<Out>(v));
  return out;
}

// An entropy-coded uniform quantiser at high rate: h(X) - log2(step), step = error * sqrt(12).
double theory(double error) {
  return 0.5 * std::log2(2 * std::numbers::pi * std::numbers::e) - std::log2(error * std::sqrt(12.0));
}

TEST(Blob, GaussianNumbersCostWhatTheorySays) {
  const Shape shape{4, 128, 128};
  const auto x = gaussian(count_of(shape), 1);
  for (const double r : {0.005, 0.01, 0.02, 0.03, 0.05, 0.07}) {
    const BlobOptions options{.target = {Kind::rmse, r}, .trellis = false};
    const auto blob = encode_blob({x.data(), NumberType::f32, shape}, options);
    const double reached = blob_info(blob).rmse;
    EXPECT_LE(reached, r);
    EXPECT_GT(reached, 0.98 * r);
    EXPECT_LT(bits_of(blob), theory(reached) + 0.06) << r;
    EXPECT_GT(bits_of(blob), theory(reached) - 0.02) << r;
  }
}

TEST(Blob, LaplacianNumbersCostWhatTheorySays) {
  // Bands would make sums of four of them, which are nearer to normal ones and cost a tenth of a bit more.
  const Shape shape{4, 128, 128};
  kernels::test::Random random(17);
  std::vector<float> x(count_of(shape));
  for (float& v : x) v = static_cast<float>(std::log(1 - random.unit()) * (random.below(2) == 0 ? 1 : -1));
  for (const double r : {0.005, 0.02, 0.05}) {
    const BlobOptions options{.target = {Kind::rmse, r}, .trellis = false};
    const auto blob = encode_blob({x.data(), NumberType::f32, shape}, options);
    EXPECT_FALSE(blob_info(blob).haar);
    const double entropy = 0.5 * std::log2(2 * std::numbers::e * std::numbers::e);
    EXPECT_LT(bits_of(blob), entropy - std::log2(blob_info(blob).rmse * std::sqrt(12.0)) + 0.06) << r;
  }
}

TEST(Blob, ATrellisGainsATenthOfABitAndMore) {
  // Two-sided: no quantiser gains more than a quarter of a bit.
  const Shape shape{4, 128, 128};
  const auto x = gaussian(count_of(shape), 1);
  for (const double r : {0.005, 0.01, 0.02, 0.03, 0.05, 0.07}) {
    const auto blob = encode_blob({x.data(), NumberType::f32, shape}, {.target = {Kind::rmse, r}});
    const BlobInfo info = blob_info(blob);
    EXPECT_TRUE(info.trellis);
    EXPECT_LE(info.rmse, r);
    EXPECT_GT(info.rmse, 0.98 * r);
    EXPECT_LT(bits_of(blob), theory(info.rmse) - 0.10) << r;
    EXPECT_GT(bits_of(blob), theory(info.rmse) - 0.20) << r;
  }
}

TEST(Blob, WithATrellisOutliersAndConstantChannelsHoldTheTarget) {
  const Shape shape{3, 40, 41};
  auto x = gaussian(count_of(shape), 11);
  std::fill_n(x.begin() + 1640, 1640, -0.7F);
  for (const std::size_t at : {5U, 700U, 3300U, 4919U}) x[at] = at % 2 == 0 ? 60.0F : -61.3F;
  for (const double r : {0.001, 0.02, 0.1, 0.4}) {
    const auto blob = encode_blob({x.data(), NumberType::f32, shape}, {.target = {Kind::rmse, r}});
    EXPECT_LE(blob_info(blob).rmse, r);
    const auto y = decoded(blob);
    EXPECT_LE(relative_error(x, y, shape, 0), 1.001 * r);
    for (std::size_t i = 1640; i < 3280; ++i) ASSERT_EQ(y[i], -0.7F);
  }
}

TEST(Blob, ATrellisIsForErrorsOfManyNumbers) {
  const auto x = gaussian(4096, 13);
  const auto has = [&](std::size_t n, Target target) {
    return blob_info(encode_blob({x.data(), NumberType::f32, {1, n}}, {.target = target})).trellis;
  };
  EXPECT_TRUE(has(4096, {Kind::rmse, 0.02}));
  EXPECT_TRUE(has(4096, {Kind::bits, 5}));
  EXPECT_FALSE(has(1000, {Kind::rmse, 0.02}));
  EXPECT_FALSE(has(4096, {Kind::step, 0.1}));
  EXPECT_FALSE(has(4096, {Kind::max_error, 0.1}));
}

// Channels that are mixtures of as many independent ones, most of them weak.
TEST(Blob, HoldsTheErrorInEveryShapeAndType) {
  const std::pair<Shape, std::uint32_t> cases[] = {
      {{1}, 0},
      {{5}, 0},
      {{3, 1}, 0},
      {{1, 7}, 1},
      {{2, 3, 5}, 0},
      {{4, 33, 47}, 0},
      {{2, 4, 16, 18}, 1},
      {{4, 5, 8, 9}, 0},
      {{3, 40, 64}, 2},
      {{77, 300}, 1},
      {{2, 3, 2, 3, 9, 4}, 2},
      {{6, 500}, 0},
      {{300, 2, 2}, 0},
      {{2, 2, 2, 2, 2, 2}, 5},
      {{20, 3, 3}, 1},
  };
  for (const auto& [shape, axis] : cases) {
    const auto x = gaussian(count_of(shape), shape.size() + shape[0]);
    const auto halves = as<kernels::Half>(x);
    const auto brains = as<kernels::Brain>(x);
    const ArrayView views[] = {{x.data(), NumberType::f32, shape},
                               {halves.data(), NumberType::f16, shape},
                               {brains.data(), NumberType::bf16, shape}};
    for (const ArrayView& view : views) {
      const auto blob = encode_blob(view, {.target = {Kind::rmse, 0.05}, .channel_axis = axis});
      const BlobInfo info = blob_info(blob);
      EXPECT_EQ(info.shape, shape);
      EXPECT_EQ(info.type, view.type);
      std::vector<float> source;
      for (std::size_t i = 0; i < x.size(); ++i)
        if (view.type == NumberType::f32)
          source.push_back(x[i]);
        else
          source.push_back(view.type == NumberType::f16 ? kernels::to_float(halves[i]) : kernels::to_float(brains[i]));
      EXPECT_LE(relative_error(source, decoded(blob), shape, axis), 0.052) << shape.size() << " axes, " << axis;
    }
  }
}

TEST(Blob, TheErrorsInItAreThoseOfItsNumbers) {
  const Shape shape{3, 64, 70};
  const auto x = gaussian(count_of(shape), 3);
  const auto blob = encode_blob({x.data(), NumberType::f32, shape}, {.target = {Kind::rmse, 0.03}});
  const auto y = decoded(blob);
  float largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] - y[i]));
  EXPECT_NEAR(blob_info(blob).rmse, relative_error(x, y, shape, 0), 1e-5);
  EXPECT_EQ(static_cast<float>(blob_info(blob).largest_error), largest);
}

TEST(Blob, EveryInstructionSetWritesTheSameBytes) {
  const Shape shape{3, 33, 70}, text{40, 90};
  const auto x = as<kernels::Half>(gaussian(count_of(shape), 12));
  const auto bytes = [&](const Shape& s, std::uint32_t axis, double r) {
    return encode_blob({x.data(), NumberType::f16, s}, {.target = {Kind::rmse, r}, .channel_axis = axis});
  };
  const auto narrow = bytes(shape, 0, 0.05), wide = bytes(shape, 0, 0.002), columns = bytes(text, 1, 0.02);
  kernels::test::for_each_target([&] {
    EXPECT_EQ(bytes(shape, 0, 0.05), narrow);
    EXPECT_EQ(bytes(shape, 0, 0.002), wide);
    EXPECT_EQ(bytes(text, 1, 0.02), columns);
  });
}

TEST(Blob, OtherTargets) {
  const Shape shape{4, 64, 64};
  const auto x = as<kernels::Half>(gaussian(count_of(shape), 4));
  const ArrayView view{x.data(), NumberType::f16, shape};
  for (const double bits : {3.0, 4.5, 7.0}) {
    const auto blob = encode_blob(view, {.target = {Kind::bits, bits}});
    EXPECT_LE(bits_of(blob), bits);
    EXPECT_GT(bits_of(blob), bits - 0.1);
  }
  for (const double most : {0.01, 0.1, 0.4}) {
    const BlobInfo info = blob_info(encode_blob(view, {.target = {Kind::max_error, most}}));
    EXPECT_LE(info.largest_error, most);
    EXPECT_GT(info.largest_error, 0.9 * most);
  }
  const BlobInfo stepped = blob_info(encode_blob(view, {.target = {Kind::step, 0.25}}));
  EXPECT_NEAR(stepped.rmse, 0.25 / std::sqrt(12.0), 0.003);
}

TEST(Blob, LosslessKeepsEveryBit) {
  const Shape shape{4, 32, 33};
  auto halves = as<kernels::Half>(gaussian(count_of(shape), 5));
  for (std::uint16_t i = 0; i < 2048; ++i) halves[i].bits = static_cast<std::uint16_t>(i * 32 + 17);  // NaN, infinity
  for (const NumberType type : {NumberType::f16, NumberType::bf16}) {
    const auto blob = encode_blob({halves.data(), type, shape}, {.target = {Kind::lossless, 0}});
    std::vector<kernels::Half> out(halves.size());
    decode_blob(blob, type, std::as_writable_bytes(std::span(out)));
    EXPECT_EQ(std::memcmp(out.data(), halves.data(), 2 * out.size()), 0);
  }
}

TEST(Blob, LosslessCostsLittleMoreThanTheEntropyOfTheSizes) {
  const Shape shape{4, 128, 128};
  const auto x = gaussian(count_of(shape), 6);
  const auto halves = as<kernels::Half>(x);
  const auto brains = as<kernels::Brain>(x);
  EXPECT_LT(bits_of(encode_blob({halves.data(), NumberType::f16, shape}, {.target = {Kind::lossless, 0}})), 13.55);
  EXPECT_LT(bits_of(encode_blob({brains.data(), NumberType::bf16, shape}, {.target = {Kind::lossless, 0}})), 10.65);
}

TEST(Blob, OutliersAreExceptions) {
  const Shape shape{2, 64, 64};
  auto x = gaussian(count_of(shape), 7);
  x[100] = 500, x[101] = -480, x[4096 + 64 * 63 + 63] = 3000;
  const auto blob = encode_blob({x.data(), NumberType::f32, shape}, {.target = {Kind::step, 0.1}});
  EXPECT_GE(blob_info(blob).exceptions, 3U);
  const auto y = decoded(blob);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(y[i], x[i], 0.102) << i;
}

TEST(Blob, ConstantChannelsAreExact) {
  const Shape shape{3, 8, 8};
  auto x = gaussian(count_of(shape), 8);
  std::fill_n(x.begin() + 64, 64, 0.1F);
  for (const Kind kind : {Kind::rmse, Kind::step, Kind::max_error}) {
    const auto y = decoded(encode_blob({x.data(), NumberType::f32, shape}, {.target = {kind, 0.1}}));
    for (std::size_t i = 64; i < 128; ++i) EXPECT_EQ(y[i], 0.1F);
  }
  std::fill(x.begin(), x.end(), -3.0F);
  EXPECT_EQ(decoded(encode_blob({x.data(), NumberType::f32, shape})), x);
}

TEST(Blob, ACenterThatRoundsToTheReadersBoundIsRefused) {
  std::vector<float> x((1U << 18U) + 1, 0x1p40F);
  x.back() -= 0x1p16F;  // the mean is a quarter below 2^40, which a reader refuses as a center
  const ArrayView view{x.data(), NumberType::f32, {1, x.size()}};
  EXPECT_ERROR(bad_parameter, "too many steps",
               (void)encode_blob(view, {.target = {Kind::step, 1}, .channel_axis = 0}));
}

TEST(Blob, RefusesWhatItCannotHold) {
  std::vector<float> x(64, 1.0F);
  x[3] = 2;
  const auto with = [&](Shape shape, Target target, std::uint32_t axis = 0) {
    (void)encode_blob({x.data(), NumberType::f32, std::move(shape)}, {.target = target, .channel_axis = axis});
  };
  EXPECT_ERROR(shape, "empty", with({0, 3}, {}));
  EXPECT_ERROR(shape, "axes", with({}, {}));
  EXPECT_ERROR(shape, "7 axes", with({1, 1, 1, 1, 1, 1, 64}, {}));
  EXPECT_ERROR(shape, "channel axis 1", with({64}, {}, 1));
  EXPECT_ERROR(shape, "channels", with({1U << 17U, 1U << 17U}, {}));
  EXPECT_ERROR(dtype, "lossless", with({64}, {Kind::lossless, 0}));
  EXPECT_ERROR(bad_parameter, "rmse", with({64}, {Kind::rmse, 0}));
  EXPECT_ERROR(bad_parameter, "rmse", with({64}, {Kind::rmse, 1.5}));
  EXPECT_ERROR(bad_parameter, "step", with({64}, {Kind::step, -1}));
  EXPECT_ERROR(bad_parameter, "bits", with({4, 4, 4}, {Kind::bits, 0.01}));
  x[40] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(non_finite, "NaN", with({64}, {}));
  x[40] = std::numeric_limits<float>::infinity();
  EXPECT_ERROR(non_finite, "NaN", with({4, 16}, {}, 1));
}

TEST(Blob, EveryFlippedBitIsFound) {
  const Shape shape{2, 9, 8};
  const auto x = as<kernels::Half>(gaussian(count_of(shape), 9));
  for (const Target target : {Target{Kind::rmse, 0.05}, Target{Kind::lossless, 0}}) {
    auto blob = encode_blob({x.data(), NumberType::f16, shape}, {.target = target});
    std::vector<std::uint16_t> out(x.size());
    for (std::size_t bit = 0; bit < 8 * blob.size(); ++bit) {
      blob[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_THROW(decode_blob(blob, NumberType::f16, std::as_writable_bytes(std::span(out))), Error) << bit;
      blob[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    for (std::size_t length = 0; length < blob.size(); ++length) {
      const std::span<const std::uint8_t> cut(blob.data(), length);
      EXPECT_THROW(decode_blob(cut, NumberType::f16, std::as_writable_bytes(std::span(out))), Error) << length;
    }
  }
}

TEST(Blob, SaysWhatDoesNotFitWhenReading) {
  const auto x = as<kernels::Half>(gaussian(64, 10));
  auto blob = encode_blob({x.data(), NumberType::f16, {64}});
  std::vector<std::byte> out(128);
  EXPECT_ERROR(invalid_argument, "room", decode_blob(blob, NumberType::f32, out));
  EXPECT_ERROR(limit_exceeded, "max_memory", (void)blob_info(blob, {.max_memory = 100}));
  const auto exact = encode_blob({x.data(), NumberType::f16, {64}}, {.target = {Kind::lossless, 0}});
  EXPECT_ERROR(dtype, "lossless", decode_blob(exact, NumberType::bf16, out));
  blob[3] = 2;
  EXPECT_ERROR(unsupported_version, "format 2", (void)blob_info(blob));
}

TEST(Blob, ExceptionsAndSectionsCountAsMemory) {
  auto x = gaussian(4096, 5);
  for (std::size_t i = 0; i < 4096; i += 100) x[i] *= 1000;
  const BlobOptions options{.target = {Kind::max_error, 0.1}};
  const auto blob = encode_blob({x.data(), NumberType::f32, {1, 4096}}, options);
  const std::uint64_t exceptions = blob_info(blob).exceptions, numbers = std::uint64_t{12} * 4096, section = 32;
  ASSERT_GT(exceptions, 10U);
  EXPECT_ERROR(limit_exceeded, "blob: 4096 numbers", (void)blob_info(blob, {.max_memory = numbers - 1}));
  EXPECT_ERROR(limit_exceeded, "blob: 4096 numbers", (void)blob_info(blob, {.max_memory = numbers + section - 1}));
  const std::uint64_t all = numbers + section + 24 * exceptions;
  EXPECT_ERROR(limit_exceeded, "blob: 4096 numbers", (void)blob_info(blob, {.max_memory = all - 1}));
  EXPECT_EQ(blob_info(blob, {.max_memory = all}).exceptions, exceptions);
}

TEST(Blob, AStepIsKeptOrRefused) {
  auto x = gaussian(4096, 6);
  const auto largest_error = [&](std::uint32_t axis) {
    return blob_info(
               encode_blob({x.data(), NumberType::f32, {64, 64}}, {.target = {Kind::step, 1}, .channel_axis = axis}))
        .largest_error;
  };
  x[777] = 1e6F;
  for (const std::uint32_t axis : {0U, 1U}) EXPECT_LE(largest_error(axis), 0.51F);
  x[777] = 1e11F;  // no integer of 2^30 steps and more
  for (const std::uint32_t axis : {0U, 1U}) EXPECT_ERROR(bad_parameter, "so fine", (void)largest_error(axis));
}

// As a picture with a few edges on flat ground gives them: most numbers nearly equal, a few far from all others.
TEST(Blob, FewNumbersFarFromManyAreWithinTheTarget) {
  for (const std::size_t outliers : {1U, 8U, 20U, 60U}) {
    std::vector<float> x = kernels::test::noise<float>(4 * 16 * 16, 5);
    for (float& v : x) v *= 0.001F;
    for (std::size_t i = 0; i < outliers; ++i) x[17 * i + i % 3] += i % 2 == 0 ? 3.0F : -2.0F;
    const auto blob = encode_blob({x.data(), NumberType::f32, {4, 16, 16}});
    const BlobInfo info = blob_info(blob);
    EXPECT_LE(info.rmse, 0.02) << outliers;
    EXPECT_LT(info.bytes, x.size()) << outliers;
    std::vector<float> out(x.size());
    decode_blob(blob, NumberType::f32, std::as_writable_bytes(std::span(out)));
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_LE(std::abs(x[i] - out[i]), info.largest_error * 1.0001) << i;
  }
}

}  // namespace
}  // namespace vaerans
