// What the machine of binary decisions remembers: counters, mixers' weights, probability maps. Plain data, updated by
// the templates of decide_each.hpp.
#pragma once

#include <array>
#include <cstdint>

namespace vaerans::kernels {

// How often yes came under one context: a probability of 16 bits and a number of visits.
struct Counter {
  static constexpr int kMostVisits = 250;
  std::uint16_t probability = 0, visits = 0;
};

// One logistic mixer: weights of 16.16 for eight opinions, three counters and a constant, and how often it learnt.
struct alignas(64) MixerWeights {
  static constexpr int kInputs = 12;
  static constexpr std::int32_t kLimit = (1 << 19) - 1;  // times the largest logit: below 2^31
  std::array<std::int32_t, kInputs> weight{};
  std::int32_t age = 0;
};

// An adaptive probability map: for each context, probabilities at logits from -3072 to 3072 in steps of 192.
struct ProbabilityMap {
  static constexpr int kStep = 192, kPoints = 33;
  std::array<std::uint16_t, kPoints> at{};
};

}  // namespace vaerans::kernels
