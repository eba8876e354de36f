// The hot loops by themselves, one thread: bytes or symbols a second.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/dwt.hpp"
#include "kernels/hadamard.hpp"
#include "kernels/histogram.hpp"
#include "kernels/metrics.hpp"
#include "kernels/rans.hpp"

namespace {

using namespace vaerans::kernels;

std::vector<float> noise(std::size_t n) {
  std::mt19937 generator(1);
  std::vector<float> out(n);
  for (float& x : out) x = static_cast<float>(generator() % 2001) / 1000.F - 1.F;
  return out;
}

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

template <bool kForward>
void wavelet(benchmark::State& state) {
  const auto side = static_cast<std::uint32_t>(state.range(0));
  const auto in = noise(std::size_t{side} * side);
  std::vector<float> out(in.size());
  std::vector<float> scratch(dwt_scratch_size(side, side, false) + 1);
  for (auto _ : state) {
    const auto run = kForward ? &dwt_forward<float> : &dwt_inverse<float>;
    benchmark::DoNotOptimize(run(Wavelet::cdf53, in.data(), out.data(), side, side, 4, scratch));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(in.size() * sizeof(float)));
}
BENCHMARK(wavelet<true>)->Name("cdf53 forward f32")->Arg(1024)->Arg(4096);
BENCHMARK(wavelet<false>)->Name("cdf53 inverse f32")->Arg(1024)->Arg(4096);

void hadamard4(benchmark::State& state) {
  const auto plane = static_cast<std::size_t>(state.range(0));
  const auto in = noise(4 * plane);
  std::vector<float> out(in.size());
  for (auto _ : state) {
    hadamard(in.data(), out.data(), 4, plane);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(in.size() * sizeof(float)));
}
BENCHMARK(hadamard4)->Arg(6144)->Arg(1 << 20);

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

void ssim_rgb(benchmark::State& state) {
  const auto a = laplacian(768 * 512 * 3, 40);
  auto b = a;
  for (std::size_t i = 0; i < b.size(); i += 3) b[i] ^= 1U;
  const ImageView va{a.data(), 512, 768, 3, 768 * 3};
  const ImageView vb{b.data(), 512, 768, 3, 768 * 3};
  std::vector<double> scratch(ssim_scratch_size(768, SsimWindow::gaussian11));
  for (auto _ : state) benchmark::DoNotOptimize(ssim(va, vb, SsimWindow::gaussian11, scratch));
}
BENCHMARK(ssim_rgb)->Unit(benchmark::kMillisecond);

}  // namespace
