// Wavelet, Hadamard, quantisers and pixel layouts, one thread: bytes of input a second. Every row has memcpy of the
// same bytes to be compared with ("memcpy"), the wavelets their scalar twins too.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/dwt/dwt.hpp"
#include "kernels/hadamard/hadamard.hpp"
#include "kernels/pixels/pixels_ref.hpp"
#include "kernels/quantize/quantize.hpp"
#include "kernels/quantize/quantize_ref.hpp"

namespace {

using namespace vaerans::kernels;

// -1000..1000, in thousandths for floats.
template <class T>
std::vector<T> noise(std::size_t n) {
  std::mt19937 generator(1);
  std::vector<T> out(n);
  constexpr T unit = std::is_floating_point_v<T> ? static_cast<T>(1e-3) : T{1};
  for (T& x : out) x = static_cast<T>(static_cast<T>(static_cast<int>(generator() % 2001) - 1000) * unit);
  return out;
}

// Where results go begins at a cache line, as the arena's tensors do.
template <class T>
struct Output {
  explicit Output(std::size_t n) : room(n + kLine) {
    const std::size_t excess = reinterpret_cast<std::uintptr_t>(room.data()) % 64 / sizeof(T);
    first = room.data() + (kLine - excess) % kLine;
  }
  static constexpr std::size_t kLine = 64 / sizeof(T);
  std::vector<T> room;
  T* first = nullptr;
};

template <class T>
void finish(benchmark::State& state, std::size_t samples) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(samples * sizeof(T)));
  benchmark::ClobberMemory();
}

void copy(benchmark::State& state) {
  const auto side = static_cast<std::size_t>(state.range(0));
  const auto in = noise<float>(side * side);
  const Output<float> out(in.size());
  for (auto _ : state) {
    std::memcpy(out.first, in.data(), in.size() * sizeof(float));
    benchmark::ClobberMemory();
  }
  finish<float>(state, in.size());
}
BENCHMARK(copy)->Name("memcpy f32")->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond);

template <class T>
using Transform = Status (*)(Wavelet, const T*, T*, std::uint32_t, std::uint32_t, std::uint32_t, std::span<T>) noexcept;

// Four levels of a square plane; the wavelet is the second argument.
template <class T, Transform<T> kRun>
void wavelet(benchmark::State& state) {
  const auto side = static_cast<std::uint32_t>(state.range(0));
  const auto kind = static_cast<Wavelet>(state.range(1));
  const auto in = noise<T>(std::size_t{side} * side);
  const Output<T> out(in.size());
  std::vector<T> scratch(dwt_scratch_size(side, side, false));
  for (auto _ : state) {
    benchmark::DoNotOptimize(kRun(kind, in.data(), out.first, side, side, 4, scratch));
    benchmark::ClobberMemory();
  }
  finish<T>(state, in.size());
}

void sizes(benchmark::internal::Benchmark* b) {
  for (const auto kind : {Wavelet::cdf53, Wavelet::haar}) {
    for (const int side : {64, 1024, 4096}) b->Args({side, static_cast<int>(kind)});
  }
  b->Unit(benchmark::kMillisecond);
}
BENCHMARK(wavelet<float, &dwt_forward<float>>)->Name("dwt forward f32")->Apply(sizes);
BENCHMARK(wavelet<float, &dwt_inverse<float>>)->Name("dwt inverse f32")->Apply(sizes);
BENCHMARK(wavelet<std::int16_t, &dwt_forward<std::int16_t>>)->Name("dwt forward i16")->Apply(sizes);
BENCHMARK(wavelet<std::int16_t, &dwt_inverse<std::int16_t>>)->Name("dwt inverse i16")->Apply(sizes);
BENCHMARK(wavelet<std::int32_t, &dwt_forward<std::int32_t>>)->Name("dwt forward i32")->Apply(sizes);
BENCHMARK(wavelet<std::int32_t, &dwt_inverse<std::int32_t>>)->Name("dwt inverse i32")->Apply(sizes);
BENCHMARK(wavelet<float, &dwt_forward_ref<float>>)->Name("dwt forward f32 twin")->Apply(sizes);
BENCHMARK(wavelet<float, &dwt_inverse_ref<float>>)->Name("dwt inverse f32 twin")->Apply(sizes);

template <decltype(&hadamard) kRun>
void hadamard_planes(benchmark::State& state) {
  const auto channels = static_cast<std::size_t>(state.range(0));
  const auto plane = static_cast<std::size_t>(state.range(1));
  const auto in = noise<float>(channels * plane);
  std::vector<float> out(in.size());
  for (auto _ : state) {
    kRun(in.data(), out.data(), channels, plane);
    benchmark::ClobberMemory();
  }
  finish<float>(state, in.size());
}
void channels_and_plane(benchmark::internal::Benchmark* b) {
  b->Args({4, 6144})->Args({4, 1 << 20})->Args({16, 1 << 16})->Args({64, 6144});
}
BENCHMARK(hadamard_planes<&hadamard>)->Name("hadamard")->Apply(channels_and_plane);
BENCHMARK(hadamard_planes<&hadamard_ref>)->Name("hadamard twin")->Apply(channels_and_plane);

// ---- pixels ----------------------------------------------------------------------------------------------------

// A 768 x 512 RGB picture; the twins go through it row by row.
constexpr std::size_t kHeight = 512;
constexpr std::size_t kWidth = 768;
struct Picture {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kHeight * kWidth * 3, 7);
  std::vector<std::uint8_t> other = bytes;
  std::vector<float> planes = std::vector<float>(bytes.size(), 0.3F);
  std::vector<std::int16_t> difference = std::vector<std::int16_t>(bytes.size());
  [[nodiscard]] ImageView view() const { return {bytes.data(), kHeight, kWidth, 3, kWidth * 3}; }
  [[nodiscard]] MutableImageView mutable_view() { return {bytes.data(), kHeight, kWidth, 3, kWidth * 3}; }
};
template <class Run>
void pixels(benchmark::State& state, Run run) {
  Picture picture;
  for (auto _ : state) {
    run(picture);
    benchmark::ClobberMemory();
  }
  finish<std::uint8_t>(state, picture.bytes.size());
}
constexpr std::size_t kPlane = kHeight * kWidth;
BENCHMARK_CAPTURE(pixels, to_planar,
                  [](Picture& p) { benchmark::DoNotOptimize(to_planar(p.view(), -1, 1, kHeight, kWidth, p.planes)); });
BENCHMARK_CAPTURE(pixels, to_planar_twin, [](Picture& p) {
  for (std::size_t y = 0; y < kHeight; ++y) {
    row_to_planes_ref(p.view().row(y), kWidth, 3, {-1, 2}, {p.planes.data() + y * kWidth, kPlane});
  }
});
BENCHMARK_CAPTURE(pixels, from_planar, [](Picture& p) {
  benchmark::DoNotOptimize(from_planar(p.planes, kHeight, kWidth, -1, 1, p.mutable_view()));
});
BENCHMARK_CAPTURE(pixels, from_planar_twin, [](Picture& p) {
  for (std::size_t y = 0; y < kHeight; ++y) {
    row_from_planes_ref({p.planes.data() + y * kWidth, kPlane}, kWidth, 3, {-1, 2}, p.mutable_view().row(y));
  }
});
BENCHMARK_CAPTURE(pixels, hwc_to_chw, [](Picture& p) { hwc_to_chw(p.bytes.data(), p.other.data(), kPlane, 3); });
BENCHMARK_CAPTURE(pixels, hwc_to_chw_twin,
                  [](Picture& p) { hwc_to_chw_ref(p.bytes.data(), p.other.data(), kPlane, 3, kPlane); });
BENCHMARK_CAPTURE(pixels, residual, [](Picture& p) { residual(p.bytes, p.other, p.difference); });
BENCHMARK_CAPTURE(pixels, residual_twin, [](Picture& p) { residual_ref(p.bytes, p.other, p.difference); });
BENCHMARK_CAPTURE(pixels, add_residual,
                  [](Picture& p) { benchmark::DoNotOptimize(add_residual(p.bytes, p.difference, p.other)); });
BENCHMARK_CAPTURE(pixels, add_residual_twin,
                  [](Picture& p) { benchmark::DoNotOptimize(add_residual_ref(p.bytes, p.difference, p.other)); });
BENCHMARK_CAPTURE(pixels, luma, [](Picture& p) { benchmark::DoNotOptimize(luma_bt601(p.view(), p.other)); });
BENCHMARK_CAPTURE(pixels, luma_twin, [](Picture& p) {
  for (std::size_t y = 0; y < kHeight; ++y) luma_row_ref(p.view().row(y), kWidth, 3, p.other.data() + y * kWidth);
});

// ---- quantisers ------------------------------------------------------------------------------------------------

// Calls run(floats, indices, bytes) on arrays of a million elements: like a band of a large picture, they do not fit
// the second-level cache together.
template <class Run>
void quantizer(benchmark::State& state, Run run) {
  const auto n = static_cast<std::size_t>(state.range(0));
  auto floats = noise<float>(n);
  std::vector<std::int32_t> indices(n, 3);
  std::vector<std::uint8_t> bytes(n, 3);
  for (auto _ : state) {
    run(std::span(floats), std::span(indices), std::span(bytes));
    benchmark::ClobberMemory();
  }
  finish<float>(state, n);
}
#define VAERANS_QUANTISER(name, ...)                                                               \
  BENCHMARK_CAPTURE(quantizer, name,                                                               \
                    [](std::span<float> f, std::span<std::int32_t> q, std::span<std::uint8_t> b) { \
                      (void)f, (void)q, (void)b;                                                   \
                      __VA_ARGS__;                                                                 \
                    })                                                                             \
      ->Arg(1 << 14)                                                                               \
      ->Arg(1 << 20)

VAERANS_QUANTISER(min_max, benchmark::DoNotOptimize(min_max(std::span<const float>(f))));
VAERANS_QUANTISER(min_max_twin, benchmark::DoNotOptimize(min_max_ref(std::span<const float>(f))));
VAERANS_QUANTISER(affine, quantize_affine(f, -1, 0.008F, b));
VAERANS_QUANTISER(affine_twin, quantize_affine_ref(f, -1, 0.008F, b));
VAERANS_QUANTISER(step, quantize_step(f, 0.01F, 0.4F, q));
VAERANS_QUANTISER(step_twin, quantize_step_ref(f, 0.01F, 0.4F, q));
VAERANS_QUANTISER(step_int, quantize_step_int<std::int32_t>(q, 3, 1, q));
VAERANS_QUANTISER(step_int_twin, quantize_step_int_ref<std::int32_t>(q, 3, 1, q));
VAERANS_QUANTISER(symbols, benchmark::DoNotOptimize(to_symbols<std::uint8_t>(q, 0, b)));
VAERANS_QUANTISER(symbols_twin, benchmark::DoNotOptimize(to_symbols_ref<std::uint8_t>(q, 0, b)));
VAERANS_QUANTISER(dequantize, dequantize_step<std::uint8_t>(b, -3, 0.1F, 0.1F, f));
VAERANS_QUANTISER(dequantize_twin, dequantize_step_ref<std::uint8_t>(b, -3, 0.1F, 0.1F, f));
#undef VAERANS_QUANTISER

}  // namespace
