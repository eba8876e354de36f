// The pixel coders' kernels on one tile of 512 × 512 pixels, one thread: bytes of samples a second, 3 a pixel. The fast
// one beside its scalar twin and the balanced one.
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "bench_time.hpp"
#include "kernels/fast/fast_tile.hpp"
#include "kernels/predict/tile_coder.hpp"

namespace vaerans::bench {
namespace {

using namespace kernels;

constexpr int kSide = 512;
constexpr TileShape kShape{kSide, kSide};

// Waves that the planes share, and noise: about as hard as a photo.
std::vector<std::uint8_t> scene() {
  std::mt19937 generator(1);
  std::normal_distribution<double> noise(0, 2);
  std::vector<std::uint8_t> out(std::size_t{3} * kSide * kSide);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto x = static_cast<double>(i % kSide), y = static_cast<double>(i / kSide % kSide);
    const double wave = 128 + 60 * std::sin(x / 37 + y / 90) + 30 * std::cos(y / 11 - x / 70);
    out[i] = static_cast<std::uint8_t>(std::lround(wave + noise(generator)));
  }
  return out;
}

ByteTile view(std::vector<std::uint8_t>& samples) {
  const std::ptrdiff_t plane = std::ptrdiff_t{kSide} * kSide;
  std::uint8_t* const first = samples.data();
  return {{{first, kSide}, {first + plane, kSide}, {first + 2 * plane, kSide}}};
}

void finish(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * std::int64_t{3} * kSide * kSide);
  state.counters["bytes"] = static_cast<double>(bytes);
}

using Streams = std::array<ByteBuffer, kTilePlanes>;
std::size_t write_streams(const FastBuffers& buffers, Streams& out) {
  std::size_t bytes = 0;
  for (std::size_t p = 0; p < out.size(); ++p) {
    buffers[p].list.write(out[p]);
    bytes += out[p].size();
  }
  return bytes;
}

template <auto kEncode>
void fast_in(benchmark::State& state) {
  auto samples = scene();
  FastBuffers buffers;
  Streams streams;
  std::size_t bytes = 0;
  time_loop(state, [&] {
    kEncode(view(samples), {}, kShape, buffers);
    bytes = write_streams(buffers, streams);
  });
  finish(state, bytes);
}

template <auto kDecode>
void fast_out(benchmark::State& state) {
  auto samples = scene();
  const auto source = samples;
  FastBuffers buffers;
  encode_fast_tile(view(samples), {}, kShape, buffers);
  Streams streams;
  const std::size_t bytes = write_streams(buffers, streams);
  const auto begin = [&] {
    for (std::size_t p = 0; p < streams.size(); ++p) buffers[p].decoder.begin(streams[p]);
  };
  time_loop(state, begin, [&] { benchmark::DoNotOptimize(kDecode(view(samples), {}, kShape, buffers)); });
  if (samples != source) state.SkipWithError("the samples did not come back");
  finish(state, bytes);
}

void balanced_in(benchmark::State& state) {
  auto samples = scene();
  TileBuffers buffers;
  ByteBuffer stream;
  time_loop(state, [&] {
    stream.clear();
    benchmark::DoNotOptimize(encode_tile(view(samples), {}, kShape, buffers));
    buffers.decisions.write(stream);
  });
  finish(state, stream.size());
}

BENCHMARK(fast_in<encode_fast_tile>)->Name("pixel tile/fast in")->UseManualTime();
BENCHMARK(fast_in<ref::encode_fast_tile>)->Name("pixel tile/fast in, twin")->UseManualTime();
BENCHMARK(fast_out<decode_fast_tile>)->Name("pixel tile/fast out")->UseManualTime();
BENCHMARK(fast_out<ref::decode_fast_tile>)->Name("pixel tile/fast out, twin")->UseManualTime();
BENCHMARK(balanced_in)->Name("pixel tile/balanced in")->UseManualTime();

}  // namespace
}  // namespace vaerans::bench
