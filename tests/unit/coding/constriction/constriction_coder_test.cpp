// coder=constriction: what it says to altered side information and payloads. Streams of the library itself are
// exchanged in tests/python/world/test_constriction.py.
#include <gtest/gtest.h>

#include <numeric>
#include <optional>
#include <random>

#include "coding/coder.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

using Symbols = std::vector<std::uint8_t>;

// Three subbands, the middle one without symbols, the last one of a single symbol.
struct Message {
  std::vector<Subband> subbands{
      {0, 1, Orientation::HL, 0, 10, 30}, {0, 1, Orientation::LH, 300, 0, 30}, {0, 1, Orientation::HH, 300, 4, 5}};
  Symbols symbols = Symbols(320);

  Message() {
    std::mt19937 generator(5);
    for (std::size_t i = 0; i < 300; ++i)
      symbols[i] = static_cast<std::uint8_t>(7 + (generator() % 9) * (generator() % 5));
  }
  [[nodiscard]] Coded encoded(const Symbols& of) const {
    Coded out;
    EXPECT_TRUE(constriction_coder().encode(std::span<const std::uint8_t>(of), {subbands, nullptr, {}}, out));
    return out;
  }
  // The symbols, or the error.
  [[nodiscard]] std::optional<Symbols> decoded(const Coded& coded, ErrorCode* error = nullptr,
                                               const Limits& limits = {}) const {
    Symbols out(symbols.size(), 255);
    try {
      constriction_coder().decode(coded.side_info, coded.payload, {subbands, nullptr, {}}, limits,
                                  std::span<std::uint8_t>(out));
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == ErrorCode::corrupt_stream || e.code() == ErrorCode::limit_exceeded) << e.what();
      if (error != nullptr) *error = e.code();
      return std::nullopt;
    }
    return out;
  }
};

TEST(ConstrictionCoder, RoundTripAndCounts) {
  const Message message;
  const Coded coded = message.encoded(message.symbols);
  EXPECT_EQ(message.decoded(coded), message.symbols);
  EXPECT_EQ(coded.payload.size() % 4, 0U);

  const auto counts = constriction_counts(coded.side_info, message.subbands);
  ASSERT_EQ(counts.size(), 3U);
  EXPECT_EQ(std::accumulate(counts[0].begin(), counts[0].end(), 0U), 300U);
  EXPECT_EQ(counts[0].size(), 40U);  // 7 + 8 * 4 occurs
  EXPECT_TRUE(counts[1].empty());
  EXPECT_EQ(counts[2], std::vector<std::uint32_t>{20});
}

TEST(ConstrictionCoder, AlteredBitsAreRefusedOrWhatAnEncoderWrites) {
  const Message message;
  const Coded coded = message.encoded(message.symbols);
  const auto try_flips = [&](ByteBuffer Coded::* part) {
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < (coded.*part).size() * 8; ++bit) {
      Coded altered = coded;
      (altered.*part)[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      const auto symbols = message.decoded(altered);
      refused += symbols ? 0U : 1U;
      if (!symbols) continue;
      const Coded again = message.encoded(*symbols);
      EXPECT_EQ(again.side_info, altered.side_info);
      EXPECT_EQ(again.payload, altered.payload);
    }
    return static_cast<double>(refused) / static_cast<double>((coded.*part).size() * 8);
  };
  EXPECT_GT(try_flips(&Coded::side_info), 0.95);
  EXPECT_GT(try_flips(&Coded::payload), 0.95);
}

TEST(ConstrictionCoder, ShortAndLongStreamsAreRefused) {
  const Message message;
  const Coded coded = message.encoded(message.symbols);
  for (std::size_t n = 0; n < coded.side_info.size(); ++n) {
    Coded altered = coded;
    altered.side_info.resize(n);
    EXPECT_FALSE(message.decoded(altered)) << n;
  }
  for (std::size_t n = 0; n < coded.payload.size(); ++n) {
    Coded altered = coded;
    altered.payload.resize(n);
    EXPECT_FALSE(message.decoded(altered)) << n;
  }
  Coded longer = coded;
  longer.side_info.push_back(std::byte{0});
  EXPECT_FALSE(message.decoded(longer));
  longer = coded;
  longer.payload.insert(longer.payload.begin(), 8, std::byte{1});
  EXPECT_FALSE(message.decoded(longer));
}

TEST(ConstrictionCoder, AlphabetsOverTheLimitAreRefused) {
  const Message message;
  Limits limits;
  limits.max_alphabet = 16;
  ErrorCode error = ErrorCode::internal;
  EXPECT_FALSE(message.decoded(message.encoded(message.symbols), &error, limits));
  EXPECT_EQ(error, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace vaerans
