#include "kernels/trellis/trellis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "each_target.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

std::vector<float> numbers(std::size_t rows, float scale) {
  auto x = test::noise<float>(rows * kTrellisLanes, rows);
  for (float& v : x) v *= scale;
  return x;
}

std::vector<std::int32_t> search(const std::vector<float>& x) {
  std::vector<std::uint8_t> room(x.size());
  std::vector<std::int32_t> out(x.size());
  search_trellis(x, room, out);
  return out;
}

template <class Symbol>
std::vector<Symbol> symbols_of(const std::vector<std::int32_t>& multiples, std::int32_t zero) {
  std::vector<Symbol> out;
  for (const std::int32_t u : multiples) out.push_back(static_cast<Symbol>(trellis_index(u) + zero));
  return out;
}

TEST(Trellis, EveryStateIsReachedFromEveryOtherInThreeNumbers) {
  // What the 16-bit costs of the search rely on.
  for (std::uint8_t from = 0; from < kTrellisStates; ++from) {
    std::set<std::uint8_t> reached;
    for (std::size_t way = 0; way < 8; ++way)
      reached.insert(kTrellisNext[kTrellisNext[kTrellisNext[from][way & 1U]][way >> 1U & 1U]][way >> 2U]);
    EXPECT_EQ(reached.size(), kTrellisStates);
  }
}

TEST(Trellis, SearchEqualsItsTwinOnEveryTarget) {
  for (const std::size_t rows : {1U, 2U, 3U, 9U, 200U}) {
    for (const float scale : {0.2F, 1.0F, 7.0F, 3000.0F, 1e20F}) {
      auto x = numbers(rows, scale);
      x[rows - 1] = 0;
      x[rows] = std::numeric_limits<float>::infinity();
      std::vector<std::int32_t> expected(x.size());
      search_trellis_ref(x, expected);
      test::for_each_target([&] { ASSERT_EQ(search(x), expected) << rows << " rows, " << scale; });
    }
  }
}

template <class Symbol>
void expect_followed(float scale, std::int32_t zero) {
  const auto multiples = search(numbers(50, scale));
  const auto symbols = symbols_of<Symbol>(multiples, zero);
  for (const std::size_t n : {1U, 63U, 64U, 65U, 700U, 3200U}) {
    std::vector<std::uint16_t> out(n);
    TrellisStates states;
    const std::size_t whole = n / 2 / kTrellisLanes * kTrellisLanes;  // in two calls, the first of whole rows
    const std::span<const Symbol> in(symbols.data(), n);
    follow_trellis(in.first(whole), zero, states, out.data());
    follow_trellis(in.subspan(whole), zero, states, out.data() + whole);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(out[i] - kMultipleZero, multiples[i]) << i << " of " << n;
  }
}

TEST(Trellis, TheDecoderFindsWhatTheSearchChoseOnEveryTarget) {
  test::for_each_target([] {
    expect_followed<std::uint8_t>(3, 128);
    expect_followed<std::uint8_t>(40, 128);
    expect_followed<std::uint16_t>(2000, 4096);
  });
}

TEST(Trellis, FollowEqualsItsTwinForAnySymbols) {
  const auto bytes = test::noise<std::uint8_t>(1000, 1);
  std::vector<std::uint16_t> shorts;
  for (const std::uint16_t v : test::noise<std::uint16_t>(1000, 2)) shorts.push_back(v % 8192);
  const auto expect_twins = [](const auto& symbols, std::int32_t zero) {
    std::vector<std::uint16_t> out(symbols.size()), expected(symbols.size());
    TrellisStates states, of_twin;
    follow_trellis(std::span(symbols), zero, states, out.data());
    follow_trellis_ref(std::span(symbols), zero, of_twin, expected.data());
    EXPECT_EQ(out, expected);
    EXPECT_EQ(states.of, of_twin.of);
  };
  test::for_each_target([&] {
    expect_twins(bytes, 128);
    expect_twins(shorts, 4096);
  });
}

TEST(Trellis, ErrorsAreSmallerThanThoseOfTwiceTheStep) {
  // 1.1 dB below a uniform quantiser's whose step is 2: its errors are 2 / sqrt(12).
  const auto x = numbers(2000, 30);
  const auto u = search(x);
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) squares += std::pow(x[i] - static_cast<float>(u[i]), 2);
  const double error = std::sqrt(squares / static_cast<double>(x.size()));
  EXPECT_LT(error, 0.510);
  EXPECT_GT(error, 0.500);
}

TEST(Trellis, ZerosStayZeros) {
  const std::vector<std::int32_t> zeros(640);
  EXPECT_EQ(search(std::vector<float>(640)), zeros);
}

}  // namespace
}  // namespace vaerans::kernels
