// The context coder, on residuals: their prior is part of the library, so no model is needed.
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "coding/coder.hpp"
#include "coding/context/context_prior.hpp"
#include "coding/context/context_walk.hpp"
#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

/// The symbols of a made-up residual, ready for a coder.
struct Fixture {
  World world{64 << 20};
  EntityId entity;
  std::vector<Subband> subbands;
  std::vector<std::uint64_t> work;

  Fixture(std::uint64_t h, std::uint64_t w, unsigned amplitude, std::int64_t levels = 5, double step = 1)
      : entity(world.new_entity()) {
    const TensorRef ref = world.arena().alloc_tensor({h, w, 3}, DType::i16);
    std::mt19937 generator(static_cast<unsigned>(h * 31 + w));
    for (auto& v : world.arena().view<std::int16_t>(ref)) {
      v = static_cast<std::int16_t>(static_cast<int>(generator() % (2 * amplitude + 1)) - static_cast<int>(amplitude));
    }
    world.set_tensor(entity, "Residual", Kind::difference, ref);
    Pipe(world, {entity})
        .select("Residual")
        .to(ReversibleColor())
        .to(WaveletCDF53({.levels = levels}))
        .to(Quantize({.step = step}));
    subbands = subbands_of(component().spec);
    work.resize(context_coder().work_bytes(subbands) / sizeof(std::uint64_t));
  }
  [[nodiscard]] const Component& component() const { return world.get(entity, "SymbolsU8"); }
  [[nodiscard]] Pyramid pyramid() {
    return {subbands, prior_of(component().trail), Workspace(std::as_writable_bytes(std::span(work)))};
  }
  template <typename Symbol>
  [[nodiscard]] std::span<Symbol> symbols() {
    return world.arena().view<Symbol>(component().data);
  }
  [[nodiscard]] SymbolsIn in() {
    if (component().data.dtype() == DType::u8) return std::span<const std::uint8_t>(symbols<std::uint8_t>());
    return std::span<const std::uint16_t>(symbols<std::uint16_t>());
  }
  /// Decodes into memory of its own; true if it gives back the symbols.
  [[nodiscard]] bool decodes(std::span<const std::byte> side_info, std::span<const std::byte> payload) {
    return std::visit(
        [&]<typename Symbol>(std::span<const Symbol> wanted) {
          std::vector<Symbol> got(wanted.size());
          context_coder().decode(side_info, payload, pyramid(), {}, std::span<Symbol>(got));
          return std::ranges::equal(got, wanted);
        },
        in());
  }
};

TEST(ContextCoder, RoundTripsEverySizeAndAmplitude) {
  for (const auto& [h, w] : {std::pair{1U, 2U}, {2U, 1U}, {3U, 3U}, {7U, 20U}, {33U, 17U}, {64U, 64U}}) {
    for (const unsigned amplitude : {0U, 1U, 9U, 255U}) {
      Fixture f(h, w, amplitude);
      Coded coded;
      ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), coded));
      EXPECT_TRUE(f.decodes(coded.side_info, coded.payload)) << h << "x" << w << " ±" << amplitude;
    }
  }
}

// The bytes are part of the format: a change here makes old files unreadable.
TEST(ContextCoder, PinnedBytes) {
  Fixture f(33, 17, 9);
  Coded coded;
  ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), coded));
  const auto crc = [](const ByteBuffer& bytes) {
    return ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  };
  EXPECT_EQ(coded.payload.size(), 1076U);
  EXPECT_EQ(crc(coded.payload), 305138190U);
  EXPECT_EQ(crc(coded.side_info), 2499499509U);
}

// Values that no distribution has a place for.
TEST(ContextCoder, EscapesRoundTrip) {
  Fixture f(16, 16, 255, 2);
  ASSERT_EQ(f.component().data.dtype(), DType::u16);
  const auto symbols = f.symbols<std::uint16_t>();
  symbols[0] = 65535;
  symbols[symbols.size() / 2] = 0;
  symbols[symbols.size() - 1] = 65535;
  Coded coded;
  ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), coded));
  EXPECT_TRUE(f.decodes(coded.side_info, coded.payload));
}

// Texture here and nothing there: what contexts are for. One table for a band has to serve both.
TEST(ContextCoder, SmallerThanTheStaticCoderWhereActivityVaries) {
  Fixture f(96, 96, 12);
  std::visit(
      [&]<typename Symbol>(std::span<const Symbol> symbols) {
        const auto zero = std::ranges::max(symbols) / 2;
        for (const Subband& s : f.subbands) {
          for (std::size_t i = 0; i < s.size(); ++i) {
            if (i % s.w < s.w / 2) f.symbols<Symbol>()[s.offset + i] = static_cast<Symbol>(zero);
          }
        }
      },
      f.in());
  Coded context, fixed;
  ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), context));
  ASSERT_TRUE(static_coder().encode(f.in(), f.pyramid(), fixed));
  EXPECT_LT(context.size(), fixed.size());
  Pipe(f.world, {f.entity}).select("SymbolsU8").to(ANSEncode());
  EXPECT_EQ(stream_info(f.world.get(f.entity, "Bitstream")).coder, "context");
}

TEST(ContextCoder, EveryTruncationIsCorrupt) {
  Fixture f(9, 11, 4, 3);
  Coded coded;
  ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), coded));
  for (std::size_t n = 0; n < coded.payload.size(); ++n) {
    EXPECT_ERROR(corrupt_stream, "ans payload", (void)f.decodes(coded.side_info, std::span(coded.payload).first(n)));
  }
  coded.payload.push_back(std::byte{1});
  EXPECT_ERROR(corrupt_stream, "left over", (void)f.decodes(coded.side_info, coded.payload));
  for (std::size_t n = 0; n < coded.side_info.size(); ++n) {
    EXPECT_ERROR(corrupt_stream, "ans side information",
                 (void)f.decodes(std::span(coded.side_info).first(n), coded.payload));
  }
}

// A changed bit of the payload or of the side information is noticed, or it changes the symbols; nothing crashes.
TEST(ContextCoder, EveryFlippedBitGivesAnErrorOrOtherSymbols) {
  Fixture f(12, 10, 5, 3);
  Coded coded;
  ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), coded));
  int errors = 0;
  const auto flip_all = [&](ByteBuffer& bytes) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      try {
        EXPECT_FALSE(f.decodes(coded.side_info, coded.payload)) << bit;
      } catch (const Error&) {
        ++errors;
      }
      bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    }
  };
  flip_all(coded.payload);
  flip_all(coded.side_info);
  EXPECT_GT(errors, 100);
}

TEST(ContextCoder, AnotherPriorIsNamed) {
  Fixture f(8, 8, 4, 3);
  Coded coded;
  ASSERT_TRUE(context_coder().encode(f.in(), f.pyramid(), coded));
  coded.side_info[0] ^= std::byte{1};
  EXPECT_ERROR(model_mismatch, "another prior", (void)f.decodes(coded.side_info, coded.payload));
}

TEST(ContextCoder, SaysWhatItNeeds) {
  World world(1 << 22);
  const EntityId e = world.spawn_latent(test::noise(4 * 64, 1, 5), {4, 8, 8});
  Pipe pipe(world, {e});
  pipe.to(Quantize({.step = 0.5}));
  EXPECT_ERROR(bad_parameter, "it needs wavelet bands", pipe.to(ANSEncode({.coder = "context"})));
  EXPECT_ERROR(bad_parameter, "auto, mixing, context, static or constriction, not huffman",
               (void)ANSEncode({.coder = "huffman"}));
}

TEST(ContextCoder, AnUnknownCoderInAFileIsCorrupt) {
  EXPECT_ERROR(corrupt_stream, "coder number 9", (void)find_coder(std::uint8_t{9}));
}

// ---- priors ------------------------------------------------------------------------------------------------------

ByteBuffer tiny_prior() {
  ByteBuffer out;
  for (const char c : {'V', 'P', 'R', 'I'}) out.push_back(static_cast<std::byte>(c));
  for (const int v : {2, 0, 1, 1}) out.push_back(static_cast<std::byte>(v));  // one channel, one level, one point
  out.resize(out.size() + 112 * 3);                                           // distributions of nothing but the escape
  out.resize(out.size() + 16 * 3, std::byte{1});                              // zero bands
  out.resize(out.size() + 4 * (29 + 34 + 1));                                 // rows of zeros
  return out;
}

TEST(ContextPrior, ReadsWhatIsThere) {
  const ContextPrior prior = parse_prior(tiny_prior());
  EXPECT_EQ(prior.channels, 1U);
  EXPECT_EQ(prior.weights.size(), 4U);
  EXPECT_EQ(prior.distribution(0, 0).interval(kernels::kEscape).freq, kernels::kIntervalSlots);
}

TEST(ContextPrior, EveryTruncationIsCorrupt) {
  const auto whole = tiny_prior();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_ERROR(corrupt_stream, "context prior", (void)parse_prior(std::span(whole).first(n)));
  }
}

TEST(ContextPrior, RefusesWhatIsOutOfRange) {
  auto wrong = tiny_prior();
  wrong[8] = std::byte{82};  // more symbols than there are
  EXPECT_ERROR(corrupt_stream, "too many symbols", (void)parse_prior(wrong));
  wrong = tiny_prior();
  wrong[4] = std::byte{1};
  EXPECT_ERROR(corrupt_stream, "another version", (void)parse_prior(wrong));
  wrong = tiny_prior();
  wrong.push_back(std::byte{0});
  EXPECT_ERROR(corrupt_stream, "left over", (void)parse_prior(wrong));
  const std::byte full[] = {std::byte{1}, std::byte{0x80}, std::byte{0x80}, std::byte{1}};  // one symbol of 2^14 slots
  wrong = tiny_prior();
  wrong[8] = full[0];
  wrong.insert(wrong.begin() + 9, full + 1, full + 4);
  EXPECT_ERROR(corrupt_stream, "nothing for the escape", (void)parse_prior(wrong));
  wrong = tiny_prior();
  wrong[8 + 112 * 3] = std::byte{0};
  EXPECT_ERROR(corrupt_stream, "given no slot", (void)parse_prior(wrong));
}

}  // namespace
}  // namespace vaerans
