#include "store/blob/quantized/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "blobs.hpp"
#include "expect_error.hpp"

namespace vaerans {
namespace {

using test::decoded;
using test::gaussian;
using test::Kind;
using test::Shape;

/// As test::relative_error(), but for numbers of any size.
double relative_error(const std::vector<float>& x, const std::vector<float>& y, double unit) {
  std::vector<float> a = x, b = y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    a[i] = static_cast<float>(x[i] / unit);
    b[i] = static_cast<float>(y[i] / unit);
  }
  return test::relative_error(a, b, {4, x.size() / 4}, 0);
}

TEST(Statistics, NumbersOfAnySizeHoldTheTarget) {
  const auto x = gaussian(std::size_t{4} * 32 * 32, 7);
  const auto usual = static_cast<double>(encode_blob({x.data(), NumberType::f32, {4, 32, 32}}).size());
  for (const int power : {-94, -84, -75, -67, -60, -50, -33, 40, 57, 62, 66}) {
    const double unit = std::ldexp(1.0, power);
    auto scaled = x;
    for (float& v : scaled) v = static_cast<float>(v * unit);
    for (const Shape& shape : {Shape{4, 32, 32}, Shape{4, 1024}}) {
      const auto blob = encode_blob({scaled.data(), NumberType::f32, shape}, {.target = {Kind::rmse, 0.02}});
      const double error = relative_error(scaled, decoded(blob), unit);
      EXPECT_LE(error, 0.02 * 1.0001) << power;
      EXPECT_NEAR(blob_info(blob).rmse, error, 1e-5) << power;
      const double size = shape.size() == 3 ? static_cast<double>(blob.size()) : usual;
      EXPECT_NEAR(size, usual, 8) << power;
    }
  }
}

TEST(Statistics, CoarseTargetsOfTinyNumbersAreMeasured) {
  auto x = gaussian(std::size_t{4} * 32 * 32, 8);
  for (float& v : x) v *= 1e-23F;
  for (const double target : {0.3, 0.5, 0.9}) {
    const auto blob = encode_blob({x.data(), NumberType::f32, {4, 32, 32}}, {.target = {Kind::rmse, target}});
    EXPECT_LE(relative_error(x, decoded(blob), 1e-23), 1.0001 * target);
    EXPECT_GT(blob_info(blob).rmse, 0.8 * target);
  }
}

TEST(Statistics, FiniteNumbersAreCalledFinite) {
  std::vector<float> x(64, 2);
  std::fill_n(x.begin(), 32, 3e38F);
  x[0] = -3e38F;
  EXPECT_ERROR(bad_parameter, "any step", (void)encode_blob({x.data(), NumberType::f32, {2, 32}}));
  const BlobOptions columns{.target = {Kind::rmse, 0.02}, .channel_axis = 1};
  EXPECT_ERROR(bad_parameter, "any step", (void)encode_blob({x.data(), NumberType::f32, {2, 32}}, columns));
  std::fill_n(x.begin(), 32, 3e38F);
  EXPECT_EQ(decoded(encode_blob({x.data(), NumberType::f32, {2, 32}})), x) << "constant channels";
  x[40] = HUGE_VALF;
  EXPECT_ERROR(non_finite, "channel 1 has NaN or infinite", (void)encode_blob({x.data(), NumberType::f32, {2, 8, 4}}));
  x = gaussian(64, 1);
  for (float& v : x) v *= 1e-35F;
  EXPECT_ERROR(bad_parameter, "any step", (void)encode_blob({x.data(), NumberType::f32, {2, 8, 4}}));
}

TEST(Statistics, ChannelsHaveTheDeviationsOfDoubles) {
  const auto x = gaussian(1024, 9);
  for (const float unit : {1e-37F, 1e-25F, 1.0F, 1e25F, 1e37F}) {
    auto scaled = x;
    for (float& v : scaled) v *= unit;
    const auto found = blob::channels_of(scaled, blob::geometry_of(Shape{1, 1, 1024}, 0, false));
    double sum = 0, squares = 0;
    for (const float v : scaled) sum += v;
    for (const float v : scaled) squares += std::pow(v - sum / 1024, 2);
    EXPECT_NEAR(found[0].mean / sum * 1024, 1, 1e-5) << unit;
    EXPECT_NEAR(found[0].deviation / std::sqrt(squares / 1024), 1, 1e-6) << unit;
  }
  // One number in two is a step of floats above the other, so that the mean is none.
  std::vector<float> high(4096, 1e7F), tiny(4096, 0x1p-149F);
  for (std::size_t i = 0; i < 4096; i += 2) high[i] += 1, tiny[i] *= 2;
  const auto geometry = blob::geometry_of(Shape{1, 4096}, 0, false);
  EXPECT_EQ(blob::channels_of(high, geometry)[0].mean, 1e7 + 0.5);
  EXPECT_EQ(blob::channels_of(high, geometry)[0].deviation, 0.5);
  EXPECT_NEAR(blob::channels_of(tiny, geometry)[0].deviation, 0x1p-150, 1e-60);
}

}  // namespace
}  // namespace vaerans
