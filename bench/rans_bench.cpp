// rans/<input>/…/vaerans kernel: histogram, table and coding on the driver's symbols, one thread, into memory that is
// allocated already. The table's own bytes count in coding_bench.cpp, not here.
#include <algorithm>

#include "bench_data.hpp"
#include "bench_time.hpp"
#include "kernels/rans/histogram.hpp"
#include "kernels/rans/rans.hpp"

namespace vaerans::bench {
namespace {

using kernels::Status;
using Bytes = std::vector<std::uint8_t>;

constexpr unsigned kPrecision = 15;

// A stream of bytes and all that coding it needs, made once.
class Coder {
 public:
  explicit Coder(const Bytes& symbols)
      : symbols_(symbols),
        lanes_(kernels::lanes_for(symbols.size(), symbols.size())),
        room_(kernels::max_words(symbols.size(), kPrecision, lanes_)) {}

  [[nodiscard]] bool encode() {
    if (kernels::histogram<std::uint8_t>(symbols_, counts_) != Status::ok) return false;
    if (kernels::normalize(counts_, kPrecision, freq_, workspace_) != Status::ok) return false;
    if (encode_table_.build({freq_, kPrecision}) != Status::ok) return false;
    const kernels::EncodeSegment<std::uint8_t> segment{symbols_, &encode_table_};
    const auto result = kernels::encode<std::uint8_t>({&segment, 1}, lanes_, room_);
    words_ = std::span<const std::uint32_t>(room_).last(result.words);
    return result.status == Status::ok;
  }
  [[nodiscard]] bool decode(Bytes& out) {
    if (decode_table_.build({freq_, kPrecision}) != Status::ok) return false;
    const kernels::DecodeSegment<std::uint8_t> segment{out, &decode_table_};
    return kernels::decode<std::uint8_t>(words_, {&segment, 1}, lanes_) == Status::ok;
  }
  [[nodiscard]] std::size_t bytes() const { return words_.size_bytes(); }

 private:
  const Bytes& symbols_;
  unsigned lanes_;
  std::vector<std::uint32_t> room_;
  std::span<const std::uint32_t> words_;
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(256), freq_ = counts_;
  kernels::NormalizeWorkspace workspace_;
  kernels::EncodeTable encode_table_;
  kernels::DecodeTable decode_table_;
};

void encode(benchmark::State& state, const DataFile& input) {
  Coder coder(input.bytes);
  bool ok = true;
  time_loop(state, [&] { ok = ok && coder.encode(); });
  if (!ok) state.SkipWithError("the kernel could not encode");
  state.counters["bytes"] = static_cast<double>(coder.bytes());
}

void decode(benchmark::State& state, const DataFile& input) {
  Coder coder(input.bytes);
  Bytes out(input.bytes.size());
  bool ok = coder.encode();
  time_loop(state, [&] { ok = ok && coder.decode(out); });
  if (!ok || out != input.bytes) state.SkipWithError("the symbols did not come back");
}

[[maybe_unused]] const bool registered = [] {
  for (const DataFile& input : data_files(".symbols")) {
    const std::string name = "rans/" + input.name;
    benchmark::RegisterBenchmark((name + "/encode/vaerans kernel").c_str(), encode, input)->UseManualTime();
    benchmark::RegisterBenchmark((name + "/decode/vaerans kernel").c_str(), decode, input)->UseManualTime();
  }
  return true;
}();

}  // namespace
}  // namespace vaerans::bench
