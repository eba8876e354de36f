// The band coder on every instruction set against its plain twin; parts of decisions; the choice of indices.
#include "kernels/bands/band_coder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "each_target.hpp"
#include "kernels/bands/band_steps.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

// Bands of three planes of h × w as a wavelet of some levels cuts them.
BandLayout layout_of(int h, int w, int levels) {
  BandLayout out;
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
};
constexpr Case kCases[] = {{1, 1, 0, 9},   {1, 2, 1, 9},       {9, 1, 3, 40},    {5, 7, 2, 3},
                           {23, 37, 4, 2}, {40, 40, 3, 32767}, {33, 18, 5, 200}, {16, 16, 2, 0}};

// Mostly small, in patches.
std::vector<std::int32_t> indices_of(const Case& c) {
  vaerans::test::Lcg random(7);
  std::vector<std::int32_t> out(static_cast<std::size_t>(3 * c.h * c.w));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto size = static_cast<std::int32_t>(random.next() % (c.largest + 1));
    const int shift = static_cast<int>(random.next() % 16) + (i / 29 % 3 == 0 ? 16 : 0);
    out[i] = (random.next() & 1U) != 0 ? size >> shift : -(size >> shift);
  }
  out[0] = c.largest;
  out.back() = -c.largest;
  return out;
}

std::vector<ByteBuffer> encoded(const BandLayout& layout, std::span<const std::int32_t> indices, bool plain) {
  BandBuffers buffers;
  PartedDecisions decisions;
  plain ? ref::encode_bands(layout, indices, buffers, decisions) : encode_bands(layout, indices, buffers, decisions);
  return decisions.take();
}

struct Decoded {
  std::vector<std::int32_t> indices;
  Status status;
};
Decoded decoded(const BandLayout& layout, std::size_t n, std::span<const ByteBuffer> parts, bool plain) {
  const std::vector<std::span<const std::byte>> spans(parts.begin(), parts.end());
  BandBuffers buffers;
  PartedDecoder decoder(spans);
  std::vector<std::int32_t> out(n);
  plain ? ref::decode_bands(layout, out, buffers, decoder) : decode_bands(layout, out, buffers, decoder);
  return {out, decoder.finish()};
}

TEST(BandCoder, EveryTargetWritesAndReadsTheStreamOfTheTwin) {
  for (const Case& c : kCases) {
    const BandLayout layout = layout_of(c.h, c.w, c.levels);
    const auto indices = indices_of(c);
    const auto parts = encoded(layout, indices, true);
    const auto back = decoded(layout, indices.size(), parts, true);
    EXPECT_EQ(back.status, Status::ok);
    EXPECT_EQ(back.indices, indices) << c.h << " x " << c.w;
    test::for_each_target([&] {
      EXPECT_EQ(encoded(layout, indices, false), parts);
      const auto here = decoded(layout, indices.size(), parts, false);
      EXPECT_EQ(here.status, Status::ok);
      EXPECT_EQ(here.indices, indices);
    });
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
  choose_indices(layout, chosen, 0, buffers);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int most = std::abs(values[i]) < 6 * 256 - 128 ? 128 : 144;  // large ones round a little downwards
    EXPECT_LE(std::abs(256 * chosen[i] - values[i]), most) << values[i];
  }
}

TEST(BandCoder, DearBitsMoveIndicesTowardsZeroAndSaveBytes) {
  const BandLayout layout = layout_of(30, 30, 2);
  const auto values = coefficients(std::size_t{3} * 30 * 30);
  std::size_t bytes = SIZE_MAX;
  for (const int price : {0, 18, 60, 200}) {
    auto chosen = values;
    BandBuffers buffers;
    ref::choose_indices(layout, chosen, price, buffers);
    test::for_each_target([&] {
      auto here = values;
      choose_indices(layout, here, price, buffers);
      EXPECT_EQ(here, chosen);
    });
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_LE(std::abs(chosen[i]), (std::abs(values[i]) + 128) >> 8);
      EXPECT_GE(std::int64_t{chosen[i]} * values[i], 0);
    }
    const std::size_t now = encoded(layout, chosen, false)[0].size();
    EXPECT_LT(now, bytes) << price;
    bytes = now;
  }
}

// ---- steps ---------------------------------------------------------------------------------------------------------

TEST(BandSteps, CentersAreTheMeansOfWhatWasRounded) {
  const std::vector<std::int32_t> values{200, -220, 500, -520, 1000, 90, 0}, indices{1, -1, 2, -2, 4, 0, 0};
  StepSums sums;
  sums.add(values, indices);
  const StepCenters centers = sums.centers();
  EXPECT_EQ(centers, (StepCenters{46, 2, 24}));  // (56 + 36) / 2, (12 - 8) / 2, 24
  std::vector<float> back(indices.size());
  from_steps(indices, 512.0F, centers, back);
  EXPECT_EQ(back, (std::vector<float>{420, -420, 1020, -1020, 2000, 0, 0}));
}

TEST(BandSteps, RoundToTheNearest256th) {
  const std::vector<float> in{0.0F, 1.0F, -1.0F, 0.0039F, 2.5F};
  std::vector<std::int32_t> out(in.size());
  to_steps(in, 2.0F, out);
  EXPECT_EQ(out, (std::vector<std::int32_t>{0, 128, -128, 0, 320}));
}

}  // namespace
}  // namespace vaerans::kernels
