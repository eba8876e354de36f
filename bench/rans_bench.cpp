// The entropy coder at work on 16 Mi symbols, one thread, with everything that a stream needs: histogram, table,
// coding.
//
// Arguments: the Laplace distribution's scale in hundredths (72, 400, 1600: about 2.0, 4.4 and 6.4 bits per symbol),
// the table's precision, the lanes. Counters: bits per symbol, and percent over the zero-order entropy, without the
// table.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/histogram.hpp"
#include "kernels/rans.hpp"

namespace {

using namespace vaerans::kernels;
using Bytes = std::vector<std::uint8_t>;

Bytes laplacian(std::size_t n, double scale) {
  std::mt19937 generator(1);
  Bytes out(n);
  for (auto& s : out) {
    const double u = (static_cast<double>(generator()) + 0.5) / 4294967296.0 - 0.5;
    const double x = std::copysign(-scale * std::log(1 - 2 * std::abs(u)), u);
    s = static_cast<std::uint8_t>(std::clamp(std::lround(x) + 128L, 0L, 255L));
  }
  return out;
}

class Coder {
 public:
  explicit Coder(const benchmark::State& state)
      : symbols(laplacian(std::size_t{1} << 24U, static_cast<double>(state.range(0)) / 100)),
        precision_(static_cast<unsigned>(state.range(1))),
        lanes_(static_cast<unsigned>(state.range(2))),
        room_(max_words(symbols.size(), precision_, lanes_)) {}

  bool run_encoder() {
    if (histogram<std::uint8_t>(symbols, counts_) != Status::ok) return false;
    if (normalise(counts_, precision_, freq_, workspace_) != Status::ok) return false;
    if (encode_table_.build({freq_, precision_}) != Status::ok) return false;
    const EncodeSegment<std::uint8_t> segment{symbols, &encode_table_};
    const EncodeResult result = encode<std::uint8_t>({&segment, 1}, lanes_, room_);
    words_ = std::span<const std::uint32_t>(room_).last(result.words);
    return result.status == Status::ok;
  }
  bool run_decoder(Bytes& out) {
    if (decode_table_.build({freq_, precision_}) != Status::ok) return false;
    const DecodeSegment<std::uint8_t> segment{out, &decode_table_};
    return decode<std::uint8_t>(words_, {&segment, 1}, lanes_) == Status::ok;
  }
  void report(benchmark::State& state) const {
    const double entropy = entropy_bits(counts_);
    state.counters["bits_per_symbol"] = entropy / static_cast<double>(symbols.size());
    state.counters["percent_over"] = 100 * (static_cast<double>(words_.size()) * 32 / entropy - 1);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(symbols.size()));
  }

  Bytes symbols;

 private:
  unsigned precision_;
  unsigned lanes_;
  std::vector<std::uint32_t> room_;
  std::span<const std::uint32_t> words_;
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(256), freq_ = counts_;
  NormaliseWorkspace workspace_;
  EncodeTable encode_table_;
  DecodeTable decode_table_;
};

void rans_stream_encode(benchmark::State& state) {
  Coder coder(state);
  for (auto _ : state) {
    if (!coder.run_encoder()) return state.SkipWithError("encode");
  }
  coder.report(state);
}

void rans_stream_decode(benchmark::State& state) {
  Coder coder(state);
  Bytes out(coder.symbols.size());
  if (!coder.run_encoder()) return state.SkipWithError("encode");
  for (auto _ : state) {
    if (!coder.run_decoder(out)) return state.SkipWithError("decode");
  }
  if (out != coder.symbols) state.SkipWithError("round trip");
  coder.report(state);
}

void streams(benchmark::internal::Benchmark* b) {
  for (const int scale : {72, 400, 1600}) {
    for (const int precision : {14, 15, 16}) b->Args({scale, precision, 64});
  }
  for (const int lanes : {1, 4, 8, 16, 32}) b->Args({400, 15, lanes});
  b->Unit(benchmark::kMillisecond);
}
BENCHMARK(rans_stream_encode)->Apply(streams);
BENCHMARK(rans_stream_decode)->Apply(streams);

// Choosing a table for 256 symbols: the optimum and the simple method.
template <class Method>
void choose_table(benchmark::State& state, Method method) {
  const Bytes symbols = laplacian(1 << 20U, static_cast<double>(state.range(0)) / 100);
  const auto precision = static_cast<unsigned>(state.range(1));
  std::vector<std::uint32_t> counts(256), freq(256);
  if (histogram<std::uint8_t>(symbols, counts) != Status::ok) return state.SkipWithError("histogram");
  for (auto _ : state) {
    if (method(counts, precision, freq) != Status::ok) return state.SkipWithError("normalise");
  }
  const double bits = static_cast<double>(cost_bits_q16(counts, freq, precision)) / 65536;
  state.counters["percent_over"] = 100 * (bits / entropy_bits(counts) - 1);
}
void optimal(benchmark::State& state) {
  NormaliseWorkspace workspace;
  choose_table(state, [&](const auto& counts, unsigned precision, auto& freq) {
    return normalise(counts, precision, freq, workspace);
  });
}
void rounded(benchmark::State& state) {
  choose_table(state, [](const auto& counts, unsigned precision, auto& freq) {
    return normalise_by_rounding(counts, precision, freq);
  });
}
BENCHMARK(optimal)->Name("normalise")->ArgsProduct({{72, 400, 1600}, {10, 12, 15}});
BENCHMARK(rounded)->Name("normalise_by_rounding")->ArgsProduct({{72, 400, 1600}, {10, 12, 15}});

}  // namespace
