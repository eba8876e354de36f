// coder=constriction: the payload is what the library of that name gives and takes: AnsCoder.get_compressed(), little
// endian, with the model Categorical(counts / counts.sum(), perfect=False) for each subband that has symbols, in order.
//
// Counts are over the symbols 0 to the subband's largest, at least two of them; the side information holds them
// exactly, for each subband that has symbols, as Exp-Golomb numbers; (k) means order k:
//   (3) largest symbol · (k) count of each symbol but the last, where k = bit width of the count before it - 2 (at
//   least 0; for the first one, the bit width of the subband's size counts) · after a zero: (0) how many more zeros
//   follow.
// The last count is not stored: it is what the subband's size leaves.
#include <algorithm>
#include <bit>
#include <limits>
#include <string>

#include "base/bits.hpp"
#include "coding/coder.hpp"
#include "coding/constriction/categorical_ans.hpp"
#include "coding/payload_words.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"

namespace vaerans {
namespace {

namespace categorical = kernels::categorical;
using kernels::Status;
using Counts = std::vector<std::uint32_t>;

constexpr unsigned kLargestOrder = 3;

void write_counts(const Counts& counts, std::uint64_t size, BitWriter& out) {
  out.golomb(counts.size() - 1, kLargestOrder);
  unsigned order = golomb_order_after(size);
  for (std::size_t s = 0; s + 1 < counts.size(); ++s) {
    out.golomb(counts[s], order);
    order = golomb_order_after(counts[s]);
    if (counts[s] != 0) continue;
    std::size_t zeros = 0;
    while (counts[s + 1] == 0) ++zeros, ++s;  // the last is not 0
    out.golomb(zeros, 0);
  }
}

Counts read_counts(std::uint64_t size, std::uint64_t max_symbol, const Limits& limits, BitReader& in) {
  const std::uint64_t largest = in.golomb(kLargestOrder);
  if (largest > max_symbol) in.corrupt("a subband has symbols that the data cannot hold");
  if (largest >= limits.max_alphabet)
    throw Error(ErrorCode::limit_exceeded,
                "ans side information: a subband of " + std::to_string(largest + 1) + " symbols is over the limit");
  Counts counts(largest + 1);
  std::uint64_t left = size;
  unsigned order = golomb_order_after(size);
  for (std::size_t s = 0; s < largest; ++s) {
    const std::uint64_t count = in.golomb(order);
    if (count >= left) in.corrupt("the counts of a subband exceed its size");
    left -= count;
    counts[s] = static_cast<std::uint32_t>(count);
    order = golomb_order_after(count);
    if (count != 0) continue;
    const std::uint64_t zeros = in.golomb(0);
    if (zeros >= largest - s) in.corrupt("a run of zeros leaves its subband");
    s += zeros;
  }
  counts.back() = static_cast<std::uint32_t>(left);
  return counts;
}

// The table of a subband's counts; its memory is reused.
class Model {
 public:
  const categorical::Table& of(Counts counts) {
    if (counts.size() < categorical::kMinAlphabet) counts.resize(categorical::kMinAlphabet);
    probabilities_.resize(counts.size());
    require_ok(categorical::probabilities_of(counts, probabilities_), "ans");
    require_ok(table_.build(probabilities_), "ans");
    return table_;
  }

 private:
  std::vector<double> probabilities_;
  categorical::Table table_;
};

template <typename Symbol>
void encode_item(std::span<const Symbol> item, std::span<const Subband> subbands, Coded& out) {
  BitWriter side_info;
  Model model;
  std::vector<std::uint32_t> words(categorical::max_words(item.size()));
  categorical::Encoder encoder(words);
  std::vector<Counts> counts;
  for (const Subband& s : subbands) {
    const auto found = subband_counts(part(item, s));
    counts.emplace_back(found.begin(), found.end());
    if (s.size() != 0) write_counts(counts.back(), s.size(), side_info);
  }
  for (std::size_t k = subbands.size(); k-- > 0;) {
    if (subbands[k].size() == 0) continue;
    require_ok(encoder.put<Symbol>(part(item, subbands[k]), model.of(counts[k])), "ans");
  }
  const auto coded = encoder.finish();
  require_ok(coded.status, "ans");
  const auto bytes = std::as_bytes(std::span(words).first(coded.words));
  out.payload.assign(bytes.begin(), bytes.end());
  out.side_info = side_info.bytes();
}

void require_intact(Status status) {
  if (status != Status::ok)
    throw Error(ErrorCode::corrupt_stream, std::string("ans payload: ") + kernels::to_string(status));
}

template <typename Symbol>
void decode_item(std::span<const std::uint32_t> words, BitReader side_info, std::span<const Subband> subbands,
                 const Limits& limits, std::span<Symbol> item) {
  Model model;
  categorical::Decoder decoder(words);
  for (const Subband& s : subbands) {
    if (s.size() == 0) continue;
    const Counts counts = read_counts(s.size(), std::numeric_limits<Symbol>::max(), limits, side_info);
    require_intact(decoder.get<Symbol>(part(item, s), model.of(counts)));
    if (!std::ranges::equal(subband_counts(std::span<const Symbol>(part(item, s))), counts))
      throw Error(ErrorCode::corrupt_stream, "ans payload: its symbols are not those that the side information counts");
  }
  side_info.expect_end();
  require_intact(decoder.finish());
}

class ConstrictionCoder final : public SymbolCoder {
 public:
  [[nodiscard]] std::string_view name() const override { return "constriction"; }
  [[nodiscard]] std::uint8_t wire_id() const override { return wire::constriction_coder; }
  [[nodiscard]] bool in_auto() const override { return false; }  // for exchange: its counts make it larger than static

  [[nodiscard]] bool encode(const SymbolsIn& symbols, const Pyramid& pyramid, Coded& out) const override {
    std::visit([&](auto item) { encode_item(item, pyramid.subbands, out); }, symbols);
    return true;
  }

  void decode(std::span<const std::byte> side_info, std::span<const std::byte> payload, const Pyramid& pyramid,
              const Limits& limits, const SymbolsOut& symbols) const override {
    const PayloadWords coded(payload);
    std::visit([&](auto item) { decode_item(coded.words(), BitReader(side_info), pyramid.subbands, limits, item); },
               symbols);
  }
};

}  // namespace

const SymbolCoder& constriction_coder() {
  static const ConstrictionCoder coder;
  return coder;
}

std::vector<Counts> constriction_counts(std::span<const std::byte> side_info, std::span<const Subband> subbands) {
  BitReader in(side_info);
  std::vector<Counts> out(subbands.size());
  for (std::size_t k = 0; k < subbands.size(); ++k) {
    if (subbands[k].size() != 0) out[k] = read_counts(subbands[k].size(), 65535, {}, in);
  }
  in.expect_end();
  return out;
}

}  // namespace vaerans
