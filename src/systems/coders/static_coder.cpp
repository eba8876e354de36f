// coder=static: integer tables for the sections travel with the stream; the payload is interleaved rANS.
#include <algorithm>
#include <bit>
#include <string>

#include "kernels/rans.hpp"
#include "systems/coders/coder.hpp"
#include "systems/coders/static_tables.hpp"
#include "systems/symbols.hpp"

namespace vaerans {
namespace {

static_assert(std::endian::native == std::endian::little, "words are copied as they lie in memory");

// More lanes run faster, and cost 8 bytes each: below 32 Ki symbols that would be felt.
unsigned lanes_for(std::size_t n) {
  if (n >= std::size_t{1} << 18U) return 8;
  return n >= std::size_t{1} << 15U ? 2 : 1;
}

// A table of a single symbol needs no bits: the coder never sees its sections.
bool is_constant(const StreamTables::Table& table) { return table.precision_bits == 0; }

// Frequencies indexed by symbol, as the coder wants them.
template <typename Built>
Built built(const StreamTables::Table& table) {
  Built out;
  if (is_constant(table)) return out;
  std::vector<std::uint32_t> freq(table.first + table.freq.size());
  std::copy(table.freq.begin(), table.freq.end(), freq.begin() + table.first);
  if (const auto status = out.build({freq, table.precision_bits}); status != kernels::Status::ok) {
    throw Error(ErrorCode::corrupt_stream, std::string("ans record: ") + kernels::to_string(status));
  }
  return out;
}

template <typename Built>
std::vector<Built> build_all(const StreamTables& tables) {
  std::vector<Built> out;
  for (const auto& table : tables.tables) out.push_back(built<Built>(table));
  return out;
}

template <typename Symbol>
void encode_item(std::span<const Symbol> item, std::span<const Section> sections, Coded& out) {
  std::vector<Counts> counts;
  for (const Section& s : sections) counts.push_back(section_counts(part(item, s)));
  StreamTables tables = choose_tables(counts);
  tables.lanes = lanes_for(item.size());
  const auto built_tables = build_all<kernels::EncodeTable>(tables);
  std::vector<kernels::EncodeSegment<Symbol>> segments;
  unsigned precision = kernels::kMinPrecision;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    if (sections[s].size() == 0 || is_constant(tables.tables[tables.table_of_section[s]])) continue;
    segments.push_back({part(item, sections[s]), &built_tables[tables.table_of_section[s]]});
    precision = std::max(precision, segments.back().table->precision_bits());
  }
  std::vector<std::uint32_t> room(kernels::max_words(item.size(), precision, tables.lanes));
  const auto result = kernels::encode<Symbol>(segments, tables.lanes, room);
  require_ok(result.status, "ans");
  const auto bytes = std::as_bytes(std::span(room).last(result.words));
  out.payload.assign(bytes.begin(), bytes.end());
  out.record = write_tables(tables);
}

template <typename Symbol>
void decode_item(std::span<const std::uint32_t> words, const StreamTables& tables, std::span<const Section> sections,
                 std::span<Symbol> item) {
  const auto built_tables = build_all<kernels::DecodeTable>(tables);
  std::vector<kernels::DecodeSegment<Symbol>> segments;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    if (sections[s].size() == 0) continue;
    if (tables.tables.empty()) throw Error(ErrorCode::corrupt_stream, "ans record: there are symbols but no tables");
    const std::uint32_t t = tables.table_of_section[s];
    if (is_constant(tables.tables[t])) {
      std::ranges::fill(part(item, sections[s]), static_cast<Symbol>(tables.tables[t].first));
    } else {
      segments.push_back({part(item, sections[s]), &built_tables[t]});
    }
  }
  const auto status = kernels::decode<Symbol>(words, segments, tables.lanes);
  if (status != kernels::Status::ok)
    throw Error(ErrorCode::corrupt_stream, std::string("ans payload: ") + kernels::to_string(status));
}

class StaticCoder final : public SymbolCoder {
 public:
  [[nodiscard]] std::string_view name() const override { return "static"; }
  [[nodiscard]] std::uint8_t wire_id() const override { return 1; }

  [[nodiscard]] bool encode(const SymbolsIn& symbols, const Pyramid& pyramid, Coded& out) const override {
    std::visit([&](auto item) { encode_item(item, pyramid.sections, out); }, symbols);
    return true;
  }

  void decode(std::span<const std::byte> record, std::span<const std::byte> payload, const Pyramid& pyramid,
              const Limits& limits, const SymbolsOut& symbols) const override {
    const std::uint64_t max_symbol = symbols.index() == 0 ? 255 : 65535;
    const StreamTables tables = read_tables(record, pyramid.sections.size(), max_symbol, limits);
    if (payload.size() % 4 != 0)
      throw Error(ErrorCode::corrupt_stream, "ans payload: its size is no multiple of 4 bytes");
    std::vector<std::uint32_t> words(payload.size() / 4);  // a copy: a payload in a file need not be aligned
    std::ranges::copy(payload, std::as_writable_bytes(std::span(words)).begin());
    std::visit([&](auto item) { decode_item(std::span<const std::uint32_t>(words), tables, pyramid.sections, item); },
               symbols);
  }
};

}  // namespace

const SymbolCoder& static_coder() {
  static const StaticCoder coder;
  return coder;
}

}  // namespace vaerans
