#include "vaerans/systems/ans.hpp"

#include <algorithm>
#include <bit>

#include "core/parallel.hpp"
#include "kernels/rans.hpp"
#include "systems/ans_tables.hpp"
#include "systems/builtin.hpp"
#include "systems/symbols.hpp"
#include "vaerans/core/world.hpp"

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

struct Coded {
  std::vector<std::byte> record;
  std::vector<std::uint32_t> words;
  double entropy_bits = 0;
};

template <typename Symbol>
Coded encode(std::span<const Symbol> item, std::span<const Section> sections) {
  std::vector<Counts> counts;
  Coded out;
  for (const Section& s : sections) {
    counts.push_back(section_counts(part(item, s)));
    out.entropy_bits += kernels::entropy_bits(counts.back());
  }
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
  out.words.assign(room.end() - static_cast<std::ptrdiff_t>(result.words), room.end());
  out.record = write_tables(tables);
  return out;
}

template <typename Symbol>
void decode(std::span<const std::uint32_t> words, const StreamTables& tables, std::span<const Section> sections,
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

class Encode final : public SystemBase {
 public:
  explicit Encode(const Params& params)
      : SystemBase({.name = "ans",
                    .role = Role::forward,
                    .inputs = {{Kind::symbols, ""}},
                    .outputs = {{Kind::bitstream, "Bitstream"}}},
                   params) {}

  [[nodiscard]] std::shared_ptr<const System> inverse() const override { return make_system("ans_decode"); }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena&, const Limits&) const override {
    if (input.kind != Kind::symbols)
      throw Error(ErrorCode::contract, "ans needs symbols, not " + std::string(kind_name(input.kind)));
    return {Kind::bitstream, DType::u8, Shape{1}, {}};  // how many bytes, only the file knows
  }

  void run(Group& group) const override {
    const auto sections = sections_of(group.spec());
    std::vector<Coded> coded(group.size());
    parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t) {
      coded[i] = with_symbols(group.arena(), group.input(0, i).data, [&]<typename Symbol>(std::span<Symbol> item) {
        return encode<Symbol>(std::span<const Symbol>(item), sections);
      });
    });
    for (std::size_t i = 0; i < group.size(); ++i) store(group, i, coded[i]);
    trace(group, coded);
  }

 private:
  // The payload is never empty, so that it can be a tensor: a stream without words is one zero byte.
  static void store(Group& group, std::size_t i, const Coded& coded) {
    const std::uint64_t bytes = std::max<std::uint64_t>(1, coded.words.size() * 4);
    const TensorRef out = group.arena().alloc_tensor(Shape{bytes}, DType::u8);
    std::byte* const target = group.arena().data(out);
    *target = std::byte{0};
    std::ranges::copy(std::as_bytes(std::span(coded.words)), target);
    group.output_item(i, {out, {Kind::bitstream, DType::u8, out.shape(), {}}, nullptr});
    group.record(i, coded.record);
  }

  static void trace(Group& group, const std::vector<Coded>& coded) {
    double entropy = 0, payload = 0, tables = 0;
    for (const auto& c : coded) {
      entropy += c.entropy_bits;
      payload += static_cast<double>(c.words.size()) * 32;
      tables += static_cast<double>(c.record.size()) * 8;
    }
    const auto symbols = static_cast<double>(group.spec().shape.elements() * group.size());
    auto& values = group.trace().values;
    values.emplace_back("symbols", symbols);
    values.emplace_back("entropy_bits_per_symbol", entropy / symbols);
    values.emplace_back("coded_bits", payload);
    values.emplace_back("table_bits", tables);
  }
};

class Decode final : public SystemBase {
 public:
  explicit Decode(const Params& params)
      : SystemBase({.name = "ans_decode",
                    .role = Role::inverse,
                    .inputs = {{Kind::bitstream, ""}},
                    .outputs = {{Kind::symbols, ""}},
                    .inverse_of = "ans",
                    .ragged = true},
                   params) {}

  void run(Group& group) const override {
    const Spec& target = group.undoing(0)->input;
    const auto sections = sections_of(target);
    const TensorRef all = group.output(target);
    for_each_entity(group, [&](std::size_t i) { decode_item(group, i, sections, group.arena().subref_axis0(all, i)); });
  }

 private:
  static void decode_item(Group& group, std::size_t i, std::span<const Section> sections, const TensorRef& out) {
    const std::uint64_t max_symbol = out.dtype() == DType::u8 ? 255 : 65535;
    const StreamTables tables =
        read_tables(group.undoing(i)->record, sections.size(), max_symbol, group.context().limits);
    const auto bytes = group.item<std::uint8_t>(0, i);
    const bool no_words = bytes.size() == 1 && bytes[0] == 0;
    if (!no_words && bytes.size() % 4 != 0)
      throw Error(ErrorCode::corrupt_stream, "ans payload: its size is no multiple of 4 bytes");
    std::vector<std::uint32_t> words(bytes.size() / 4);  // a copy: a payload in a file need not be aligned
    std::ranges::copy(std::as_bytes(bytes.first(words.size() * 4)), std::as_writable_bytes(std::span(words)).begin());
    with_symbols(group.arena(), out, [&](auto item) { decode(words, tables, sections, item); });
  }
};

}  // namespace

StreamInfo stream_info(const Component& bitstream) {
  if (bitstream.trail == nullptr || bitstream.trail->system->contract().name != "ans") {
    throw Error(ErrorCode::contract, "this component was not made by ANSEncode");
  }
  const Spec& symbols = bitstream.trail->input;
  StreamInfo out;
  out.n_symbols = symbols.shape.elements();
  out.payload_bytes = bitstream.data.bytes();
  out.record_bytes = bitstream.trail->record.size();
  out.model = read_tables(bitstream.trail->record, sections_of(symbols).size(), 65535, {});
  return out;
}

void register_ans() {
  register_system({"ans",
                   "ANSEncode",
                   "rANS entropy coder with tables for each section, shared where that is smaller.",
                   12,
                   {},
                   [](const Params& p) { return std::make_shared<Encode>(p); }});
  register_system(
      {"ans_decode", "ANSDecode", "Undoes ans.", 13, {}, [](const Params& p) { return std::make_shared<Decode>(p); }});
}

SystemPtr ANSEncode() { return make_system("ans"); }
SystemPtr ANSDecode() { return make_system("ans_decode"); }

}  // namespace vaerans
