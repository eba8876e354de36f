// The band coder on every instruction set against its plain twin; parts of decisions; the choice of indices, dependent
// ones and others.
#include "kernels/bands/band_coder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "each_target.hpp"
#include "kernels/bands/dependent.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

// Bands of planes of h × w as a wavelet of some levels cuts them.
BandLayout layout_of(int h, int w, int levels, std::size_t channels = 3) {
  BandLayout out{.channels = std::vector<BandLayout::Channel>(channels)};
  std::size_t offset = 0;
  const auto place = [&](int rows, int columns) {
    const BandPlace at{rows, columns, offset};
    offset += static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    return at;
  };
  for (auto& channel : out.channels) {
    const auto low = [](int n, int level) { return (n + (1 << level) - 1) >> level; };
    channel.coarse = place(low(h, levels), low(w, levels));
    for (int k = levels; k >= 1; --k) {
      const int lh = low(h, k), lw = low(w, k), hh = low(h, k - 1) - lh, hw = low(w, k - 1) - lw;
      channel.levels.push_back({place(lh, hw), place(hh, lw), place(hh, hw)});
    }
  }
  return out;
}

struct Case {
  int h, w, levels, largest;
  std::size_t channels = 3;
};
constexpr Case kCases[] = {{1, 1, 0, 9},       {1, 2, 1, 9},     {9, 1, 3, 40},  {5, 7, 2, 3},    {23, 37, 4, 2},
                           {40, 40, 3, 32767}, {33, 18, 5, 200}, {16, 16, 2, 0}, {1, 1, 0, 9, 1}, {23, 37, 4, 5, 1}};

// Mostly small, in patches.
std::vector<std::int32_t> indices_of(const Case& c) {
  vaerans::test::Lcg random(7);
  std::vector<std::int32_t> out(c.channels * static_cast<std::size_t>(c.h * c.w));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto size = static_cast<std::int32_t>(random.next() % (c.largest + 1));
    const int shift = static_cast<int>(random.next() % 16) + (i / 29 % 3 == 0 ? 16 : 0);
    out[i] = (random.next() & 1U) != 0 ? size >> shift : -(size >> shift);
  }
  out[0] = c.largest;
  out.back() = -c.largest;
  return out;
}

constexpr Indices kKinds[] = {Indices::independent, Indices::dependent};

std::vector<ByteBuffer> encoded(const BandLayout& layout, std::span<const std::int32_t> indices, bool plain,
                                Indices kind = Indices::independent) {
  BandBuffers buffers;
  PartedDecisions decisions;
  (plain ? ref::encode_bands : encode_bands)(layout, kind, indices, buffers, decisions);
  return decisions.take();
}

struct Decoded {
  std::vector<std::int32_t> indices;
  Status status;
};
Decoded decoded(const BandLayout& layout, std::size_t n, std::span<const ByteBuffer> parts, bool plain,
                Indices kind = Indices::independent) {
  const std::vector<std::span<const std::byte>> spans(parts.begin(), parts.end());
  BandBuffers buffers;
  PartedDecoder decoder(spans);
  std::vector<std::int32_t> out(n);
  (plain ? ref::decode_bands : decode_bands)(layout, kind, out, buffers, decoder);
  return {out, decoder.finish()};
}

void expect_the_twins_stream(const Case& c, Indices kind) {
  const BandLayout layout = layout_of(c.h, c.w, c.levels, c.channels);
  const auto indices = indices_of(c);
  const auto parts = encoded(layout, indices, true, kind);
  const auto back = decoded(layout, indices.size(), parts, true, kind);
  EXPECT_EQ(back.status, Status::ok);
  EXPECT_EQ(back.indices, indices) << c.h << " x " << c.w;
  test::for_each_target([&] {
    EXPECT_EQ(encoded(layout, indices, false, kind), parts);
    const auto here = decoded(layout, indices.size(), parts, false, kind);
    EXPECT_EQ(here.status, Status::ok);
    EXPECT_EQ(here.indices, indices);
  });
}

TEST(BandCoder, EveryTargetWritesAndReadsTheStreamOfTheTwin) {
  for (const Indices kind : kKinds) {
    for (const Case& c : kCases) expect_the_twins_stream(c, kind);
  }
}

TEST(BandCoder, NothingCostsNextToNothing) {
  const BandLayout layout = layout_of(64, 64, 3);
  const std::vector<std::int32_t> zeros(std::size_t{3} * 64 * 64);
  const auto parts = encoded(layout, zeros, false);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_LE(parts[0].size(), 80U);
}

TEST(BandCoder, DamageIsTold) {
  const BandLayout layout = layout_of(23, 37, 4);
  const auto indices = indices_of(kCases[4]);
  const auto good = encoded(layout, indices, false);
  ASSERT_EQ(good.size(), 1U);
  const auto status = [&](std::vector<ByteBuffer> parts) {
    return decoded(layout, indices.size(), parts, false).status;
  };
  EXPECT_EQ(status({}), Status::truncated);
  EXPECT_EQ(status({good[0], good[0]}), Status::trailing);
  EXPECT_EQ(status({ByteBuffer(good[0].begin(), good[0].end() - 4)}), Status::truncated);
  EXPECT_EQ(status({ByteBuffer(good[0].begin(), good[0].begin() + 5)}), Status::truncated);
  ByteBuffer longer = good[0];
  longer.push_back(std::byte{0});
  EXPECT_EQ(status({longer}), Status::trailing);
  ByteBuffer low(8);
  EXPECT_EQ(status({low}), Status::bad_state);
}

// More decisions than a part holds.
TEST(BandCoder, LongStreamsComeInParts) {
  const Case c{400, 400, 3, 255};
  const BandLayout layout = layout_of(c.h, c.w, c.levels);
  const auto indices = indices_of(c);
  const auto parts = encoded(layout, indices, false);
  EXPECT_GT(parts.size(), 1U);
  const auto back = decoded(layout, indices.size(), parts, false);
  EXPECT_EQ(back.status, Status::ok);
  EXPECT_EQ(back.indices, indices);
}

// ---- choice --------------------------------------------------------------------------------------------------------

std::vector<std::int32_t> coefficients(std::size_t n) {
  vaerans::test::Lcg random(3);
  std::vector<std::int32_t> out(n);
  for (auto& v : out) {
    const auto size = static_cast<std::int32_t>(random.next() % 4096) >> random.next() % 6;
    v = (random.next() & 1U) != 0 ? size : -size;
  }
  return out;
}

TEST(BandCoder, FreeBitsGiveTheNearestIndex) {
  const BandLayout layout = layout_of(30, 30, 2);
  const auto values = coefficients(std::size_t{3} * 30 * 30);
  auto chosen = values;
  BandBuffers buffers;
  choose_indices(layout, Indices::independent, values, {}, chosen, buffers);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int most = std::abs(values[i]) < 6 * 256 - 128 ? 128 : 144;  // large ones round a little downwards
    EXPECT_LE(std::abs(256 * chosen[i] - values[i]), most) << values[i];
  }
}

// The indices that the twin chooses; those of every target are to be the same.
std::vector<std::int32_t> chosen_everywhere(const BandLayout& layout, Indices kind,
                                            const std::vector<std::int32_t>& values, Choice how) {
  auto chosen = values;
  BandBuffers buffers;
  ref::choose_indices(layout, kind, values, how, chosen, buffers);
  test::for_each_target([&] {
    auto here = values;
    choose_indices(layout, kind, values, how, here, buffers);
    EXPECT_EQ(here, chosen);
  });
  return chosen;
}

TEST(BandCoder, DearBitsMoveIndicesTowardsZeroAndSaveBytes) {
  const BandLayout layout = layout_of(30, 30, 2);
  const auto values = coefficients(std::size_t{3} * 30 * 30);
  std::size_t bytes = SIZE_MAX;
  for (const int price : {0, 18, 60, 200}) {
    const auto chosen = chosen_everywhere(layout, Indices::independent, values, {price});
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_LE(std::abs(chosen[i]), (std::abs(values[i]) + 128) >> 8);
      EXPECT_GE(std::int64_t{chosen[i]} * values[i], 0);
    }
    const std::size_t now = encoded(layout, chosen, false)[0].size();
    EXPECT_LT(now, bytes) << price;
    bytes = now;
  }
}

// ---- dependent indices ---------------------------------------------------------------------------------------------

TEST(DependentIndices, EveryStateIsReachedFromTwoOthersOfOneQuantizer) {
  for (int s = 0; s < DependentState::kStates; ++s) {
    for (const int parity : {0, 1}) {
      DependentState state = DependentState(s).before(parity);
      EXPECT_EQ(state.quantizer(), DependentState(s).before(0).quantizer());
      state.pass(parity + 4);
      EXPECT_EQ(state.state(), s);
    }
  }
}

TEST(DependentIndices, HalfStepsAreThoseOfTheStates) {
  // The states are z a b = 000, then after 1 010, after 1 110, after -1 011, after 0 110, after 2 001.
  std::vector<std::int32_t> indices{1, 1, -1, 0, 2, 3};
  auto halves = indices;
  to_half_steps(halves, true);
  EXPECT_EQ(halves, (std::vector<std::int32_t>{2, 2, -1, 0, 3, 6}));
  to_half_steps(indices, false);
  EXPECT_EQ(indices, (std::vector<std::int32_t>{2, 2, -2, 0, 4, 6}));
}

// In all bands but LL, in 1/65536 of a squared step.
double squared_error(const BandLayout& layout, std::span<const std::int32_t> values,
                     std::span<const std::int32_t> indices) {
  double sum = 0;
  for (const auto& channel : layout.channels) {
    for (const auto& level : channel.levels) {
      for (const BandPlace& place : level) {
        const auto size = static_cast<std::size_t>(place.height) * static_cast<std::size_t>(place.width);
        const auto own = indices.subspan(place.offset, size);
        std::vector<std::int32_t> halves(own.begin(), own.end());
        to_half_steps(halves, true);
        for (std::size_t i = 0; i < size; ++i) sum += std::pow(128 * halves[i] - values[place.offset + i], 2);
      }
    }
  }
  return sum;
}

// Where bits are free and values large, one quantiser of that step leaves 256² / 12 each, and eight states are known to
// leave a decibel less.
TEST(DependentIndices, FreeBitsLeaveADecibelLess) {
  const BandLayout layout = layout_of(60, 60, 2);
  vaerans::test::Lcg random(5);
  std::vector<std::int32_t> values(std::size_t{3} * 60 * 60);
  for (auto& v : values) v = static_cast<std::int32_t>(random.next() % 8192) - 4096;
  auto chosen = values;
  BandBuffers buffers;
  choose_indices(layout, Indices::dependent, values, {}, chosen, buffers);
  constexpr double kCoefficients = 3 * (60 * 60 - 15 * 15);  // LL is not dependent
  const double gain = 10 * std::log10(kCoefficients * 256 * 256 / 12 / squared_error(layout, values, chosen));
  EXPECT_NEAR(gain, 1.1, 0.2);
}

TEST(DependentIndices, AreChosenAlikeOnEveryTargetAndSaveBytesWhereTheseAreDear) {
  const BandLayout layout = layout_of(30, 300, 2);
  const auto values = coefficients(std::size_t{3} * 30 * 300);
  std::size_t bytes = SIZE_MAX;
  for (const int price : {0, 18, 60, 200}) {
    const auto chosen = chosen_everywhere(layout, Indices::dependent, values, {price});
    const std::size_t now = encoded(layout, chosen, false, Indices::dependent)[0].size();
    EXPECT_LT(now, bytes) << price;
    bytes = now;
  }
}

// Later passes know what bits cost, and what is around.
TEST(DependentIndices, CostLessWhenTheyAreChosenAgain) {
  const BandLayout layout = layout_of(60, 300, 2);
  const auto values = coefficients(std::size_t{3} * 60 * 300);
  constexpr int kPrice = 20;
  const auto toll = [&](int passes) {
    const auto chosen = chosen_everywhere(layout, Indices::dependent, values, {kPrice, passes});
    const auto bytes = static_cast<double>(encoded(layout, chosen, false, Indices::dependent)[0].size());
    return squared_error(layout, values, chosen) + kPrice * 256 * 8 * bytes;
  };
  const double once = toll(1);
  EXPECT_LT(toll(2), once);
  EXPECT_LT(toll(3), once);
}

TEST(DependentIndices, TheLargestStayInRange) {
  const BandLayout layout = layout_of(8, 8, 1);
  std::vector<std::int32_t> values(std::size_t{3} * 8 * 8, 256 * BandPlane::kMostMagnitude);
  values[70] = -values[70];
  auto chosen = values;
  BandBuffers buffers;
  choose_indices(layout, Indices::dependent, values, {.price = 18, .passes = 2}, chosen, buffers);
  for (const std::int32_t v : chosen) {
    EXPECT_GE(std::abs(v), BandPlane::kMostMagnitude - 1);
    EXPECT_LE(std::abs(v), BandPlane::kMostMagnitude);
  }
}

}  // namespace
}  // namespace vaerans::kernels
