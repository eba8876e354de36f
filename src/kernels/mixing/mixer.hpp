// What the machine of binary decisions remembers: counters, mixers' weights, probability maps. Plain data, updated by
// the templates of decide_each.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vaerans::kernels {

// How often yes came under one context: a probability of 16 bits and a number of visits.
struct Counter {
  static constexpr int kMostVisits = 250;
  std::uint16_t probability = 0, visits = 0;
};

// One logistic mixer: weights of 16.16 for eight opinions, counters and a constant; places without an input, whose
// weights stay 0; and how often it learnt. It fills a cache line, which is two vectors.
struct alignas(64) MixerWeights {
  static constexpr std::size_t kInputs = 16, kAge = 15;
  static constexpr std::int32_t kLimit = (1 << 19) - 1;  // times the largest logit: below 2^31
  std::array<std::int32_t, kInputs> weight{};            // the last is the age: its input is 0, so it takes no part
  [[nodiscard]] std::int32_t& age() noexcept { return weight[kAge]; }
};

// An adaptive probability map: for each context, probabilities at logits from -3072 to 3072 in steps of 192.
struct ProbabilityMap {
  static constexpr int kStep = 192, kPoints = 33;
  std::array<std::uint16_t, kPoints> at{};
};

}  // namespace vaerans::kernels
