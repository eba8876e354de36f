// rans/<input>/…/htscodecs <path>: the peer, rANS of order 0 with 32 interleaved states, on each of its CPU paths.
// Built only where libhtscodecs is found (cmake/Bench.cmake).
#include <htscodecs/rANS_static4x16.h>
extern "C" {
#include <htscodecs/htscodecs.h>  // plain C, unlike the other
}

#include <array>
#include <utility>

#include "bench_data.hpp"
#include "bench_time.hpp"

namespace vaerans::bench {
namespace {

constexpr int kOrder = RANS_ORDER_X32;
constexpr std::array<std::pair<const char*, int>, 4> kPaths{{
    {"scalar", 0},
    {"sse4", RANS_CPU_ENC_SSE4 | RANS_CPU_DEC_SSE4},
    {"avx2", RANS_CPU_ENC_AVX2 | RANS_CPU_DEC_AVX2},
    {"avx512", RANS_CPU_ENC_AVX512 | RANS_CPU_DEC_AVX512},
}};

using Bytes = std::vector<std::uint8_t>;

unsigned size_of(const Bytes& bytes) { return static_cast<unsigned>(bytes.size()); }

// Into `out`, whose size stays that of the bound; returns the coded bytes, 0 on an error.
unsigned compress(const Bytes& in, Bytes& out) {
  unsigned coded = size_of(out);
  auto* const source = const_cast<unsigned char*>(in.data());  // it is only read
  return rans_compress_to_4x16(source, size_of(in), out.data(), &coded, kOrder) == nullptr ? 0 : coded;
}

void encode(benchmark::State& state, const DataFile& input, int path) {
  rans_set_cpu(path);
  Bytes out(rans_compress_bound_4x16(size_of(input.bytes), kOrder));
  unsigned coded = 0;
  time_loop(state, [&] { coded = compress(input.bytes, out); });
  if (coded == 0) state.SkipWithError("htscodecs could not encode");
  state.counters["bytes"] = coded;
}

void decode(benchmark::State& state, const DataFile& input, int path) {
  rans_set_cpu(path);
  Bytes coded(rans_compress_bound_4x16(size_of(input.bytes), kOrder));
  const unsigned size = compress(input.bytes, coded);
  Bytes out(input.bytes.size());
  unsigned n = size_of(out);
  time_loop(state, [&] { rans_uncompress_to_4x16(coded.data(), size, out.data(), &n); });
  if (out != input.bytes) state.SkipWithError("htscodecs did not give the symbols back");
}

[[maybe_unused]] const bool registered = [] {
  benchmark::AddCustomContext("htscodecs", htscodecs_version());
  for (const DataFile& input : data_files(".symbols")) {
    for (const auto& [path, mask] : kPaths) {
      const std::string name = "rans/" + input.name, peer = std::string("/htscodecs ") + path;
      benchmark::RegisterBenchmark((name + "/encode" + peer).c_str(), encode, input, mask)->UseManualTime();
      benchmark::RegisterBenchmark((name + "/decode" + peer).c_str(), decode, input, mask)->UseManualTime();
    }
  }
  return true;
}();

}  // namespace
}  // namespace vaerans::bench
