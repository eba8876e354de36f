// rans/<input>/…/categorical: the kernel whose streams constriction reads, one thread; histogram and table are counted.
#include <algorithm>

#include "bench_data.hpp"
#include "bench_time.hpp"
#include "coding/constriction/categorical_ans.hpp"
#include "kernels/rans/histogram.hpp"

namespace vaerans::bench {
namespace {

namespace categorical = kernels::categorical;
using kernels::Status;

// Buffers are kept, as a coder of many streams would.
class Coder {
 public:
  explicit Coder(const std::vector<std::uint8_t>& symbols)
      : symbols_(symbols), words_(categorical::max_words(symbols.size())), back_(symbols.size()) {}

  bool encode() {
    categorical::Encoder encoder(words_);
    if (!build() || encoder.put<std::uint8_t>(symbols_, table_) != Status::ok) return false;
    const auto coded = encoder.finish();
    n_words_ = coded.words;
    return coded.status == Status::ok;
  }
  bool decode() {
    categorical::Decoder decoder{std::span(words_).first(n_words_)};
    return decoder.get<std::uint8_t>(back_, table_) == Status::ok && decoder.finish() == Status::ok;
  }
  [[nodiscard]] bool came_back() const { return back_ == symbols_; }
  [[nodiscard]] double bytes() const { return static_cast<double>(n_words_) * sizeof(std::uint32_t); }

 private:
  bool build() {
    std::vector<std::uint32_t> counts(256);
    if (kernels::histogram(std::span<const std::uint8_t>(symbols_), std::span(counts)) != Status::ok) return false;
    const std::size_t largest = std::ranges::max(symbols_);
    counts.resize(std::max(categorical::kMinAlphabet, largest + 1));
    std::vector<double> probabilities(counts.size());
    return categorical::probabilities_of(counts, probabilities) == Status::ok &&
           table_.build(probabilities) == Status::ok;
  }

  const std::vector<std::uint8_t>& symbols_;
  categorical::Table table_;
  std::vector<std::uint32_t> words_;
  std::vector<std::uint8_t> back_;
  std::size_t n_words_ = 0;
};

void encode(benchmark::State& state, const DataFile& input) {
  Coder coder(input.bytes);
  bool ok = true;
  time_loop(state, [&] { ok = coder.encode() && ok; });
  if (!ok) state.SkipWithError("could not encode");
  state.counters["bytes"] = coder.bytes();
}

void decode(benchmark::State& state, const DataFile& input) {
  Coder coder(input.bytes);
  bool ok = coder.encode();
  time_loop(state, [&] { ok = coder.decode() && ok; });
  if (!ok || !coder.came_back()) state.SkipWithError("the symbols did not come back");
}

[[maybe_unused]] const bool registered = [] {
  for (const DataFile& input : data_files(".symbols")) {
    const std::string name = "rans/" + input.name;
    benchmark::RegisterBenchmark((name + "/encode/categorical").c_str(), encode, input)->UseManualTime();
    benchmark::RegisterBenchmark((name + "/decode/categorical").c_str(), decode, input)->UseManualTime();
  }
  return true;
}();

}  // namespace
}  // namespace vaerans::bench
