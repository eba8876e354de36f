#include "api/refine/annealing.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "test_data.hpp"

namespace vaerans {
namespace {

using kernels::test::noise;

constexpr float kStep = 0.5F;

// Anneals coefficients towards `goal` by the slopes of the squared distance, with so many bits for one index more.
std::vector<float> annealed(const std::vector<float>& from, const std::vector<float>& goal, float bits, int turns,
                            unsigned threads) {
  Annealing annealing(from, kStep, turns, threads, 7);
  std::vector<float> now(from.size()), slopes(from.size());
  for (int turn = 0; turn < turns; ++turn) {
    annealing.relax(now);
    for (std::size_t i = 0; i < now.size(); ++i) slopes[i] = 2 * (now[i] - goal[i]);
    annealing.descend(slopes, std::vector<float>(now.size(), bits), 1);
  }
  annealing.round(now);
  return now;
}

TEST(Annealing, RelaxesBetweenTheNeighbours) {
  const auto values = noise<float>(500, 1);
  Annealing annealing(values, kStep, 10, 1, 0);
  std::vector<float> now(values.size());
  annealing.relax(now);
  for (std::size_t i = 0; i < now.size(); ++i) {
    EXPECT_EQ(annealing.floors()[i], std::floor(values[i] / kStep));
    EXPECT_EQ(annealing.nearest()[i], std::lround(values[i] / kStep));
    EXPECT_GE(now[i], static_cast<float>(annealing.floors()[i]) * kStep);
    EXPECT_LE(now[i], static_cast<float>(annealing.floors()[i] + 1) * kStep);
  }
}

// From between two neighbours to the one or the other.
TEST(Annealing, GoesWhereTheSlopesLead) {
  const std::vector<float> from(400, 0.2F);
  auto goal = noise<float>(400, 2);
  for (float& g : goal) g = g < 0 ? 0 : kStep;
  const auto found = annealed(from, goal, 0, 200, 1);
  std::size_t met = 0;
  for (std::size_t i = 0; i < goal.size(); ++i) met += found[i] == goal[i] ? 1 : 0;
  EXPECT_GE(met, 380U);
}

TEST(Annealing, BitsHoldItBack) {
  const std::vector<float> from(400, 0.3F), goal(400, 0.35F);  // nearer to the upper neighbour
  const auto sum = [&](float bits) {
    double out = 0;
    for (const float v : annealed(from, goal, bits, 100, 1)) out += static_cast<double>(v);
    return out;
  };
  EXPECT_GT(sum(0), 360 * kStep);
  EXPECT_LT(sum(5), 40 * kStep);
}

TEST(Annealing, IsTheSameForAllNumbersOfThreads) {
  const auto from = noise<float>(20000, 3), goal = noise<float>(20000, 4);
  EXPECT_EQ(annealed(from, goal, 0.1F, 5, 1), annealed(from, goal, 0.1F, 5, 3));
}

}  // namespace
}  // namespace vaerans
