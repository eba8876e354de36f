#include "core/chain/entropy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vaerans {
namespace {

template <typename T>
TensorRef tensor(Arena& arena, const std::vector<T>& values) {
  const TensorRef ref = arena.alloc_tensor({values.size()}, dtype_of<T>);
  std::ranges::copy(values, arena.view<T>(ref).begin());
  return ref;
}

TEST(Entropy, OfWholeNumbersIsThatOfTheirCounts) {
  Arena arena(1 << 12);
  const TensorRef ref = tensor<std::uint8_t>(arena, {1, 1, 2, 3});
  const EntropyEstimate estimate = estimate_entropy(arena, {&ref, 1}, 0.5);
  EXPECT_DOUBLE_EQ(estimate.bits, 1.5);
  EXPECT_EQ(estimate.at, "u8");
}

TEST(Entropy, OfFloatsIsThatAtAStepOrAtTheirOwnResolution) {
  Arena arena(1 << 12);
  const TensorRef ref = tensor<float>(arena, {0.0F, 0.1F, -0.1F, 1.0F});
  const EntropyEstimate coarse = estimate_entropy(arena, {&ref, 1}, 1.0), fine = estimate_entropy(arena, {&ref, 1}, 0);
  EXPECT_NEAR(coarse.bits, 0.811278, 1e-6);
  EXPECT_EQ(coarse.at, "step 1");
  EXPECT_DOUBLE_EQ(fine.bits, 2.0);
  EXPECT_EQ(fine.at, "f32");
}

TEST(Entropy, CountsAllItemsTogether) {
  Arena arena(1 << 12);
  const TensorRef items[] = {tensor<std::int16_t>(arena, {5, 5}), tensor<std::int16_t>(arena, {-5, -5})};
  EXPECT_DOUBLE_EQ(estimate_entropy(arena, items, 0).bits, 1.0);
}

}  // namespace
}  // namespace vaerans
