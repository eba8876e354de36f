// Two blobs decoded side by side give what each of them gives alone.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "blobs.hpp"
#include "each_target.hpp"
#include "expect_error.hpp"
#include "test_data.hpp"
#include "vaerans/store/blob.hpp"

namespace vaerans {
namespace {

using test::count_of;
using test::gaussian;
using test::Kind;
using test::Shape;
using Blob = std::vector<std::uint8_t>;
using Numbers = std::vector<std::uint16_t>;

const Shape kShape{3, 150, 151};

Blob blob_of(std::uint64_t seed, const BlobOptions& options, float outlier = 0) {
  auto x = gaussian(count_of(kShape), seed);
  if (outlier != 0) x[seed] = outlier;
  return encode_blob({x.data(), NumberType::f32, kShape}, options);
}

std::span<std::byte> room(Numbers& out) { return std::as_writable_bytes(std::span(out)); }

Numbers alone(const Blob& blob) {
  Numbers out(count_of(kShape));
  decode_blob(blob, NumberType::f16, room(out));
  return out;
}

bool expect_same(const Blob& a, const Blob& b) {
  Numbers out(count_of(kShape)), other(out.size());
  if (!BlobReader(a).decode_beside(BlobReader(b), NumberType::f16, room(out), room(other))) return false;
  EXPECT_EQ(out, alone(a));
  EXPECT_EQ(other, alone(b));
  return true;
}

TEST(BlobsBeside, GiveWhatTheyGiveAlone) {
  const std::vector<Blob> blobs{blob_of(1, {}),
                                blob_of(2, {.target = {Kind::rmse, 0.1}}),
                                blob_of(3, {.target = {}, .trellis = false}),
                                blob_of(4, {}, 1e4F),
                                blob_of(5, {.target = {Kind::max_error, 0.1}}),
                                blob_of(6, {.target = {}, .channel_axis = 1})};
  std::size_t both = 0;
  kernels::test::for_each_target([&] {
    for (const Blob& a : blobs)
      for (const Blob& b : blobs) both += expect_same(a, b) ? 1 : 0;
  });
  RecordProperty("decoded_together", static_cast<int>(both));
}

TEST(BlobsBeside, OthersAreLeftToDecode) {
  const Blob fine = blob_of(1, {});
  EXPECT_FALSE(expect_same(fine, blob_of(2, {.target = {Kind::rmse, 0.0002}})));  // symbols of 16 bits
  Blob damaged = fine;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_FALSE(expect_same(fine, damaged));
  EXPECT_FALSE(expect_same(damaged, fine));
  const Numbers zeros(count_of(kShape));
  const Blob exact = encode_blob({zeros.data(), NumberType::f16, kShape}, {.target = {Kind::lossless, 0}});
  EXPECT_FALSE(expect_same(fine, exact));
  Numbers out(10);
  EXPECT_ERROR(invalid_argument, "room",
               (void)BlobReader(fine).decode_beside(BlobReader(fine), NumberType::f16, room(out), room(out)));
}

}  // namespace
}  // namespace vaerans
