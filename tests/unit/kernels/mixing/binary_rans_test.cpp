#include "kernels/mixing/binary_rans.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

struct Decision {
  int yes;
  std::uint32_t probability;
};

// Probabilities of all sizes, decisions as likely as they say.
std::vector<Decision> random_decisions(std::size_t n) {
  test::Lcg random(n);
  std::vector<Decision> out(n);
  for (auto& d : out) {
    d.probability = 1 + random.next() % 65535 / (1 + random.next() % 200);
    if (random.next() % 2 == 0) d.probability = 65536 - d.probability;
    d.yes = random.next() % 65536 < d.probability ? 1 : 0;
  }
  return out;
}

ByteBuffer encoded(const std::vector<Decision>& decisions) {
  DecisionList list;
  for (const auto& d : decisions) list.code(d.yes, d.probability);
  ByteBuffer out;
  list.write(out);
  return out;
}

bool decodes(std::span<const std::byte> stream, const std::vector<Decision>& decisions) {
  DecisionDecoder decoder(stream);
  for (const auto& d : decisions) {
    if (decoder.code(0, d.probability) != d.yes) return false;
  }
  return decoder.finish() == Status::ok;
}

Status finish(std::span<const std::byte> stream, const std::vector<Decision>& decisions) {
  DecisionDecoder decoder(stream);
  for (const auto& d : decisions) (void)decoder.code(0, d.probability);
  return decoder.finish();
}

TEST(BinaryRans, RoundTripsAndCostsTheInformation) {
  for (const std::size_t n : {0U, 1U, 2U, 33U, 1000U, 60000U}) {
    const auto decisions = random_decisions(n);
    const auto stream = encoded(decisions);
    EXPECT_TRUE(decodes(stream, decisions)) << n;
    double bits = 0;
    for (const auto& d : decisions) bits -= std::log2((d.yes != 0 ? d.probability : 65536 - d.probability) / 65536.0);
    EXPECT_LE(static_cast<double>(stream.size()), bits / 8 * 1.0001 + 8) << n;
    EXPECT_GE(static_cast<double>(stream.size()), bits / 8) << n;
  }
}

TEST(BinaryRans, SureDecisionsAndTheirOpposites) {
  const std::vector<Decision> decisions{{1, 65535}, {0, 1}, {0, 65535}, {1, 1}, {1, 65535}, {0, 65535}, {1, 1}, {1, 1}};
  EXPECT_TRUE(decodes(encoded(decisions), decisions));
}

TEST(BinaryRans, DamageIsSeen) {
  const auto decisions = random_decisions(2000);
  const auto stream = encoded(decisions);
  EXPECT_EQ(finish({}, decisions), Status::truncated);
  EXPECT_EQ(finish(std::span(stream).first(7), decisions), Status::truncated);
  EXPECT_EQ(finish(std::span(stream).first(stream.size() - 4), decisions), Status::truncated);
  EXPECT_EQ(finish(std::span(stream).first(stream.size() - 1), decisions), Status::truncated);
  auto longer = stream;
  longer.insert(longer.end(), 4, std::byte{7});
  EXPECT_EQ(finish(longer, decisions), Status::trailing);
  auto zero = stream;
  std::fill_n(zero.begin(), 8, std::byte{0});
  EXPECT_EQ(finish(zero, decisions), Status::bad_state);
  auto flipped = stream;
  flipped[0] ^= std::byte{1};
  EXPECT_NE(finish(flipped, decisions), Status::ok);
}

// One decision of probability 1/2 that is a no: the state 2^32 becomes (2^32 / 2^15) × 2^16 + 2^15.
TEST(BinaryRans, ByHand) {
  const auto stream = encoded({{0, 32768}});
  const ByteBuffer expected{std::byte{0},    std::byte{0x80}, std::byte{0}, std::byte{0},
                            std::byte{0x02}, std::byte{0},    std::byte{0}, std::byte{0}};
  EXPECT_EQ(stream, expected);
}

}  // namespace
}  // namespace vaerans::kernels
