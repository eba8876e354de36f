// The entropy coder by itself, one thread: symbols a second. transforms_bench.cpp and metrics_bench.cpp have the rest.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/histogram.hpp"
#include "kernels/rans.hpp"

namespace {

using namespace vaerans::kernels;

// Two-sided geometric symbols around 128: what quantised transform coefficients look like.
std::vector<std::uint8_t> laplacian(std::size_t n, double scale) {
  std::mt19937 generator(1);
  std::vector<std::uint8_t> out(n);
  for (auto& s : out) {
    const double u = (static_cast<double>(generator()) + 0.5) / 4294967296.0 - 0.5;
    const double x = std::copysign(-scale * std::log(1 - 2 * std::abs(u)), u);
    s = static_cast<std::uint8_t>(std::clamp(std::lround(x) + 128L, 0L, 255L));
  }
  return out;
}

struct Coder {
  explicit Coder(double scale) : symbols(laplacian(1 << 22, scale)), counts(256), freq(256) {
    ok = histogram(std::span<const std::uint8_t>(symbols), std::span(counts)) == Status::ok &&
         normalise(counts, 14, freq) == Status::ok && encoder.build({freq, 14}) == Status::ok &&
         decoder.build({freq, 14}) == Status::ok;
    words.resize(max_words(symbols.size(), 14, kMaxLanes));
  }
  EncodeResult encode_all() {
    const EncodeSegment<std::uint8_t> segment{symbols, &encoder};
    return encode<std::uint8_t>({&segment, 1}, kMaxLanes, words);
  }
  std::vector<std::uint8_t> symbols;
  std::vector<std::uint32_t> counts, freq, words;
  EncodeTable encoder;
  DecodeTable decoder;
  bool ok = false;
};

void rans_encode(benchmark::State& state) {
  Coder coder(static_cast<double>(state.range(0)));
  if (!coder.ok) return state.SkipWithError("tables");
  for (auto _ : state) benchmark::DoNotOptimize(coder.encode_all());
  const double coded = static_cast<double>(coder.encode_all().words) * 32;
  state.counters["percent_over_entropy"] = 100 * (coded / entropy_bits(coder.counts) - 1);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(coder.symbols.size()));
}
BENCHMARK(rans_encode)->Arg(1)->Arg(6)->Arg(24);

void rans_decode(benchmark::State& state) {
  Coder coder(static_cast<double>(state.range(0)));
  const EncodeResult coded = coder.encode_all();
  std::vector<std::uint8_t> out(coder.symbols.size());
  const DecodeSegment<std::uint8_t> segment{out, &coder.decoder};
  const auto words = std::span<const std::uint32_t>(coder.words).last(coded.words);
  for (auto _ : state) {
    if (decode<std::uint8_t>(words, {&segment, 1}, kMaxLanes) != Status::ok) return state.SkipWithError("decode");
  }
  if (out != coder.symbols) state.SkipWithError("round trip");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(rans_decode)->Arg(1)->Arg(6)->Arg(24);

}  // namespace
