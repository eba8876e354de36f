// coder=static: integer tables for the subbands travel with the stream; the payload is interleaved rANS.
#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <string>

#include "base/memory.hpp"
#include "coding/coder.hpp"
#include "coding/payload_words.hpp"
#include "coding/static/static_choice.hpp"
#include "coding/static/static_tables.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"
#include "kernels/rans/rans.hpp"

namespace vaerans {
namespace {

/// Zero-order entropy of a run of symbols in bytes, in integers: the same everywhere.
template <typename Symbol>
std::size_t entropy_bytes(std::span<const Symbol> item) {
  if (item.empty()) return 0;
  const auto counts = subband_counts(item);
  std::uint64_t bits_q16 = 0;
  const std::uint64_t log_n = kernels::log2_q32(static_cast<std::uint32_t>(item.size()));
  for (const std::uint32_t c : counts) {
    if (c != 0) bits_q16 += ((log_n - kernels::log2_q32(c)) >> 16U) * c;
  }
  return static_cast<std::size_t>(bits_q16 >> 19U);
}

// A table of a single symbol needs no bits: the coder never sees its symbols.
bool is_constant(const SymbolTable& table) { return table.precision_bits == 0; }

// Frequencies indexed by symbol, as the coder wants them.
template <typename Built>
Built built(const SymbolTable& table) {
  Built out;
  if (is_constant(table)) return out;
  RecycledVector<std::uint32_t> freq(table.first + table.freq.size());
  std::copy(table.freq.begin(), table.freq.end(), freq.begin() + table.first);
  if (const auto status = out.build({freq, table.precision_bits}); status != kernels::Status::ok) {
    throw Error(ErrorCode::corrupt_stream, std::string("ans side information: ") + kernels::to_string(status));
  }
  return out;
}

template <typename Built>
RecycledVector<Built> build_all(const ModelTables& tables) {
  RecycledVector<Built> out;
  for (const auto& table : tables.tables) out.push_back(built<Built>(table));
  return out;
}

/// Calls body(table, run of symbols) for the runs that share a table, in order.
template <typename Symbol, typename Body>
void for_each_part(const StaticEntropyModel& model, const ModelTables& tables, std::span<const Subband> subbands,
                   std::span<Symbol> item, Body body) {
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    const auto symbols = part(item, subbands[i]);
    for_each_run(model, i, subbands[i], [&](std::int32_t offset, std::uint64_t first, std::uint64_t n) {
      body(tables.at(i, offset), symbols.subspan(first, n));
    });
  }
}

/// Where the symbols of each table are in a stream that is sorted by tables.
class SortedOrder {
 public:
  SortedOrder(const StaticEntropyModel& model, const ModelTables& tables, std::span<const Subband> subbands)
      : next_(tables.tables.size() + 1) {
    for (std::size_t i = 0; i < subbands.size(); ++i) {
      for_each_run(model, i, subbands[i],
                   [&](std::int32_t offset, std::uint64_t, std::uint64_t n) { next_[tables.at(i, offset) + 1] += n; });
    }
    std::partial_sum(next_.begin(), next_.end(), next_.begin());
  }
  [[nodiscard]] std::size_t begin(std::size_t table) const { return next_[table]; }
  [[nodiscard]] std::size_t end(std::size_t table) const { return next_[table + 1]; }
  [[nodiscard]] RecycledVector<std::size_t> begins() const { return {next_.begin(), next_.end() - 1}; }

 private:
  RecycledVector<std::size_t> next_;
};

/// What the symbols take if they are as frequent as their tables say: exact enough to choose the number of lanes.
std::size_t expected_bytes(const ModelTables& tables, const SortedOrder& order) {
  std::uint64_t bits_q16 = 0;
  for (std::size_t t = 0; t < tables.tables.size(); ++t) {
    const SymbolTable& table = tables.tables[t];
    std::uint64_t each_q16 = 0;  // bits of 2^precision symbols, in 2^-16
    for (const std::uint32_t f : table.freq) {
      if (f != 0) each_q16 += (((std::uint64_t{table.precision_bits} << 32U) - kernels::log2_q32(f)) >> 16U) * f;
    }
    bits_q16 += (each_q16 >> table.precision_bits) * (order.end(t) - order.begin(t));
  }
  return static_cast<std::size_t>(bits_q16 >> 19U);
}

/// The stream's segments over an item in its own order, or over its copy in the order of the tables.
template <typename Segment, typename Symbol, typename Built>
RecycledVector<Segment> segments_of(const StaticEntropyModel& model, const ModelTables& tables,
                                    std::span<const Subband> subbands, const SortedOrder& order,
                                    std::span<Symbol> symbols, std::span<const Built> built_tables) {
  RecycledVector<Segment> out;
  const auto add = [&](std::uint32_t t, std::span<Symbol> run) {
    if (!run.empty() && !is_constant(tables.tables[t])) out.push_back({run, &built_tables[t]});
  };
  if (model.map.log2_cell == 0) {
    for_each_part(model, tables, subbands, symbols, add);
  } else {
    for (std::uint32_t t = 0; t < tables.tables.size(); ++t) {
      add(t, symbols.subspan(order.begin(t), order.end(t) - order.begin(t)));
    }
  }
  return out;
}

template <typename Symbol>
RecycledVector<Symbol> sorted(const StaticEntropyModel& model, const ModelTables& tables,
                              std::span<const Subband> subbands, const SortedOrder& order,
                              std::span<const Symbol> item) {
  RecycledVector<Symbol> out(item.size());
  auto next = order.begins();
  for_each_part(model, tables, subbands, item, [&](std::uint32_t t, std::span<const Symbol> run) {
    std::ranges::copy(run, out.begin() + static_cast<std::ptrdiff_t>(next[t]));
    next[t] += run.size();
  });
  return out;
}

template <typename Symbol>
void unsort(const StaticEntropyModel& model, const ModelTables& tables, std::span<const Subband> subbands,
            const SortedOrder& order, std::span<const Symbol> in, std::span<Symbol> item) {
  auto next = order.begins();
  for_each_part(model, tables, subbands, item, [&](std::uint32_t t, std::span<Symbol> run) {
    std::ranges::copy(in.subspan(next[t], run.size()), run.begin());
    next[t] += run.size();
  });
}

std::size_t most_words(std::size_t n_symbols) {
  return kernels::max_words(n_symbols, kernels::kMaxPrecision, kernels::kMaxLanes);
}

template <typename Symbol>
void encode_item(std::span<const Symbol> item, const Pyramid& pyramid, Coded& out) {
  const auto subbands = pyramid.subbands;
  StaticEntropyModel model = choose_model(item, subbands);
  const ModelTables tables = model_tables(model, subbands, std::numeric_limits<Symbol>::max());
  const auto built_tables = build_all<kernels::EncodeTable>(tables);
  const SortedOrder order(model, tables, subbands);
  model.lanes = kernels::lanes_for(item.size(), expected_bytes(tables, order));
  const auto copy = model.map.log2_cell != 0 ? sorted(model, tables, subbands, order, item) : RecycledVector<Symbol>{};
  const auto segments = segments_of<kernels::EncodeSegment<Symbol>, const Symbol, kernels::EncodeTable>(
      model, tables, subbands, order, copy.empty() ? item : std::span(copy), built_tables);
  Workspace work = pyramid.work;
  const auto words = work.take<std::uint32_t>(most_words(item.size()));
  const auto result = kernels::encode<Symbol>(segments, model.lanes, words);
  require_ok(result.status, "ans");
  const auto bytes = std::as_bytes(words.last(result.words));
  out.payload.assign(bytes.begin(), bytes.end());
  out.side_info = write_model(model, subbands, std::move(out.side_info));
}

/// The symbols of constant tables, which the payload does not hold.
template <typename Symbol>
void fill_constants(const StaticEntropyModel& model, const ModelTables& tables, std::span<const Subband> subbands,
                    std::span<Symbol> item) {
  if (std::ranges::none_of(tables.tables, is_constant)) return;
  for_each_part(model, tables, subbands, item, [&](std::uint32_t t, std::span<Symbol> run) {
    if (is_constant(tables.tables[t])) std::ranges::fill(run, static_cast<Symbol>(tables.tables[t].first));
  });
}

template <typename Symbol>
void decode_item(std::span<const std::uint32_t> words, const StaticEntropyModel& model,
                 std::span<const Subband> subbands, std::span<Symbol> item) {
  const ModelTables tables = model_tables(model, subbands, std::numeric_limits<Symbol>::max());
  const auto built_tables = build_all<kernels::DecodeTable>(tables);
  const SortedOrder order(model, tables, subbands);
  RecycledVector<Symbol> copy(model.map.log2_cell != 0 ? item.size() : 0);
  const auto segments = segments_of<kernels::DecodeSegment<Symbol>, Symbol, kernels::DecodeTable>(
      model, tables, subbands, order, copy.empty() ? item : std::span(copy), built_tables);
  const auto status = kernels::decode<Symbol>(words, segments, model.lanes);
  if (status != kernels::Status::ok)
    throw Error(ErrorCode::corrupt_stream, std::string("ans payload: ") + kernels::to_string(status));
  if (!copy.empty()) unsort(model, tables, subbands, order, std::span<const Symbol>(copy), item);
  fill_constants(model, tables, subbands, item);
}

class StaticCoder final : public SymbolCoder {
 public:
  [[nodiscard]] std::string_view name() const override { return "static"; }
  [[nodiscard]] std::uint8_t wire_id() const override { return wire::static_coder; }

  // The subbands' entropies. The activity map can bring a stream below them, to 0.93 for photos; but where the context
  // coder is below as well, it gained more by the same unevenness, in all of 324 streams (27 pictures, two models).
  [[nodiscard]] std::size_t worth_trying_above(const SymbolsIn& symbols, const Pyramid& pyramid) const override {
    return std::visit(
        [&](auto item) {
          std::size_t bytes = 0;
          for (const Subband& s : pyramid.subbands) bytes += entropy_bytes(part(item, s));
          return bytes;
        },
        symbols);
  }

  [[nodiscard]] std::size_t work_bytes(std::span<const Subband> subbands) const override {
    std::size_t n = 0;
    for (const Subband& s : subbands) n += s.size();
    return Workspace::bytes<std::uint32_t>(most_words(n));
  }

  [[nodiscard]] bool encode(const SymbolsIn& symbols, const Pyramid& pyramid, Coded& out) const override {
    std::visit([&](auto item) { encode_item(item, pyramid, out); }, symbols);
    return true;
  }

  void decode(std::span<const std::byte> side_info, std::span<const std::byte> payload, const Pyramid& pyramid,
              const Limits& limits, const SymbolsOut& symbols) const override {
    const std::uint64_t max_symbol = symbols.index() == 0 ? 255 : 65535;
    const StaticEntropyModel model = read_model(side_info, pyramid.subbands, max_symbol, limits);
    const PayloadWords coded(payload);
    std::visit([&](auto item) { decode_item(coded.words(), model, pyramid.subbands, item); }, symbols);
  }
};

}  // namespace

const SymbolCoder& static_coder() {
  static const StaticCoder coder;
  return coder;
}

}  // namespace vaerans
