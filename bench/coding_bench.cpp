// rans/<input>/…/vaerans: the steps `ans(coder=static)` and `ans_decode` on the driver's symbols, one thread;
// histogram, choice of tables, side information and payload are all counted.
#include <algorithm>

#include "bench_data.hpp"
#include "bench_time.hpp"
#include "chain.hpp"

namespace vaerans::bench {
namespace {

constexpr std::uint64_t kArena = std::uint64_t{1} << 30U;

void load(Chain& chain, const DataFile& input) {
  chain.reset();
  chain.add<std::uint8_t>("SymbolsU8", Kind::symbols, Shape{1, input.bytes.size()}, input.bytes);
}

std::size_t coded_bytes(const Chain& chain) {
  const StreamInfo info = stream_info(chain.out("Bitstream"));
  return info.payload_bytes + info.side_info_bytes;
}

void encode(benchmark::State& state, const DataFile& input) {
  Chain chain("ans(coder=static)", kArena);
  time_loop(state, [&] { load(chain, input); }, [&] { chain.run(); });
  state.counters["bytes"] = static_cast<double>(coded_bytes(chain));
}

void decode(benchmark::State& state, const DataFile& input) {
  Chain chain("ans(coder=static)", kArena);
  const Pipeline back = Pipeline::parse("ans_decode -> Decoded");
  const auto coded = [&] {
    load(chain, input);
    chain.run();
  };
  time_loop(state, coded, [&] { chain.then(back, "Bitstream"); });
  if (!std::ranges::equal(chain.world().arena().view<std::uint8_t>(chain.out("Decoded").data), input.bytes)) {
    state.SkipWithError("the symbols did not come back");
  }
}

[[maybe_unused]] const bool registered = [] {
  benchmark::AddCustomContext("compiler", VAERANS_BENCH_COMPILER);
  for (const DataFile& input : data_files(".symbols")) {
    const std::string name = "rans/" + input.name;
    benchmark::RegisterBenchmark((name + "/encode/vaerans").c_str(), encode, input)->UseManualTime();
    benchmark::RegisterBenchmark((name + "/decode/vaerans").c_str(), decode, input)->UseManualTime();
  }
  return true;
}();

}  // namespace
}  // namespace vaerans::bench
