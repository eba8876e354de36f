// Image metrics on two pictures of 768 x 512 RGB, one thread.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/blur/blur.hpp"
#include "kernels/metrics/metrics.hpp"
#include "kernels/ssimulacra2/ssimulacra2.hpp"

namespace {

using namespace vaerans::kernels;

constexpr std::size_t kHeight = 512;
constexpr std::size_t kWidth = 768;

// Smooth waves, and the same with noise of a few levels.
struct Pictures {
  std::vector<std::uint8_t> a, b;
  Pictures() : a(kHeight * kWidth * 3), b(a.size()) {
    std::mt19937 generator(1);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto x = static_cast<double>(i % (kWidth * 3));
      const std::size_t row = i / (kWidth * 3);
      const auto y = static_cast<double>(row);
      a[i] = static_cast<std::uint8_t>(128 + 80 * std::sin(x / 31) * std::cos(y / 17) + 20 * std::sin(x * y / 900));
      b[i] = static_cast<std::uint8_t>(a[i] + generator() % 17 - 8);
    }
  }
  [[nodiscard]] ImageView first() const { return {a.data(), kHeight, kWidth, 3, kWidth * 3}; }
  [[nodiscard]] ImageView second() const { return {b.data(), kHeight, kWidth, 3, kWidth * 3}; }
};

using Ssim = SsimResult (*)(ImageView, ImageView, SsimWindow, std::span<double>) noexcept;
using MsSsim = MsSsimResult (*)(ImageView, ImageView, std::span<double>) noexcept;

template <Ssim kRun>
void ssim_rgb(benchmark::State& state) {
  const Pictures p;
  const auto window = static_cast<SsimWindow>(state.range(0));
  std::vector<double> scratch(ssim_scratch_size(kWidth, window));
  for (auto _ : state) benchmark::DoNotOptimize(kRun(p.first(), p.second(), window, scratch));
}
void windows(benchmark::internal::Benchmark* b) { b->ArgName("window")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond); }
BENCHMARK(ssim_rgb<&ssim>)->Name("ssim")->Apply(windows);
BENCHMARK(ssim_rgb<&ssim_ref>)->Name("ssim twin")->Apply(windows);

template <MsSsim kRun>
void ms_ssim_rgb(benchmark::State& state) {
  const Pictures p;
  std::vector<double> scratch(ms_ssim_scratch_size(kHeight, kWidth));
  for (auto _ : state) benchmark::DoNotOptimize(kRun(p.first(), p.second(), scratch));
}
BENCHMARK(ms_ssim_rgb<&ms_ssim>)->Name("ms_ssim")->Unit(benchmark::kMillisecond);
BENCHMARK(ms_ssim_rgb<&ms_ssim_ref>)->Name("ms_ssim twin")->Unit(benchmark::kMillisecond);

void ssimulacra2_rgb(benchmark::State& state) {
  const Pictures p;
  std::vector<double> scratch(ssimulacra2_scratch_size(kHeight, kWidth));
  for (auto _ : state) benchmark::DoNotOptimize(ssimulacra2(p.first(), p.second(), scratch));
}
BENCHMARK(ssimulacra2_rgb)->Name("ssimulacra2")->Unit(benchmark::kMillisecond);
void ssimulacra2_twin(benchmark::State& state) {
  const Pictures p;
  for (auto _ : state) benchmark::DoNotOptimize(ssimulacra2_ref(p.first(), p.second()));
}
BENCHMARK(ssimulacra2_twin)->Name("ssimulacra2 twin")->Unit(benchmark::kMillisecond);

// Bytes of both pictures per second, on pictures that exceed the second-level cache.
void psnr_large(benchmark::State& state) {
  const std::size_t side = 4096;
  const std::vector<std::uint8_t> a(side * side * 3, 1);
  const std::vector<std::uint8_t> b(a.size(), 3);
  const ImageView va{a.data(), side, side, 3, side * 3};
  const ImageView vb{b.data(), side, side, 3, side * 3};
  for (auto _ : state) benchmark::DoNotOptimize(psnr(va, vb));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(2 * a.size()));
}
BENCHMARK(psnr_large)->Name("psnr 4096x4096")->Unit(benchmark::kMillisecond);

void blur(benchmark::State& state) {
  const Pictures p;
  const double sigma = static_cast<double>(state.range(0)) / 10;
  std::vector<std::uint8_t> out(p.a.size());
  std::vector<float> scratch(blur_image_scratch_size(kHeight, kWidth, sigma));
  const MutableImageView view{out.data(), kHeight, kWidth, 3, kWidth * 3};
  for (auto _ : state) benchmark::DoNotOptimize(gaussian_blur(p.first(), view, sigma, scratch));
}
BENCHMARK(blur)->Name("blur u8 RGB")->ArgName("sigma*10")->Arg(15)->Arg(50)->Unit(benchmark::kMillisecond);

}  // namespace
