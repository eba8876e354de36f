// The entropy coder's plain twin: one symbol after the other, in the words of the definition in rans.hpp.
#include <cstdint>

#include "kernels/rans/rans_state.hpp"

namespace vaerans::kernels {

template <class Symbol>
EncodeResult encode_ref(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                        std::span<std::uint32_t> out) noexcept {
  using namespace rans;
  if (!lanes_ok(lanes)) return {Status::bad_argument, 0};
  std::size_t i = count_symbols(segments);
  if (i == 0) return {};
  const std::size_t used = lanes_used(lanes, i);
  UnitStack units(out);
  States states;
  states.x.fill(home_state(used));
  for (std::size_t k = segments.size(); k-- > 0;) {
    const auto& [symbols, table] = segments[k];
    if (!symbols.empty() && (table == nullptr || table->empty())) return {Status::bad_table, 0};
    for (std::size_t j = symbols.size(); j-- > 0;) {
      const EncodeTable::Entry& e = entry_of(table->entries(), symbols[j]);
      const std::uint64_t freq = kScale - e.complement;
      if (freq == 0) return {Status::bad_symbol, 0};
      std::uint64_t& x = states.x[--i % used];
      if (x >= freq << kLowBits) {
        if (!units.push(x)) return {Status::output_full, 0};
        x >>= 16U;
      }
      x = x / freq * kScale + e.start + x % freq;
    }
  }
  if (!push_states(std::span(states.x).first(used), units)) return {Status::output_full, 0};
  return {Status::ok, units.size() / 2};
}

template <class Symbol>
Status decode_ref(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
                  unsigned lanes) noexcept {
  using namespace rans;
  if (!lanes_ok(lanes)) return Status::bad_argument;
  const std::size_t n = count_symbols(segments);
  if (n == 0) return words.empty() ? Status::ok : Status::trailing;
  UnitReader units(words);
  States states;
  const auto x = std::span(states.x).first(lanes_used(lanes, n));
  if (const Status status = read_states(x, units); status != Status::ok) return status;
  std::size_t i = 0;
  for (const auto& segment : segments) {
    if (segment.symbols.empty()) continue;
    if (const Status status = check_segment(segment); status != Status::ok) return status;
    const DecodeTable& table = *segment.table;
    for (Symbol& out : segment.symbols) {
      std::uint64_t& state = x[i++ % x.size()];
      const bool ok = table.narrow_symbols().empty()
                          ? get(state, table.wide_symbols().data(), table, out, units, x.size() == 1)
                          : get(state, table.narrow_symbols().data(), table, out, units, x.size() == 1);
      if (!ok) return Status::truncated;
    }
  }
  return check_end(x, units);
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
template EncodeResult encode_ref(std::span<const EncodeSegment<U8>>, unsigned, std::span<std::uint32_t>) noexcept;
template EncodeResult encode_ref(std::span<const EncodeSegment<U16>>, unsigned, std::span<std::uint32_t>) noexcept;
template Status decode_ref(std::span<const std::uint32_t>, std::span<const DecodeSegment<U8>>, unsigned) noexcept;
template Status decode_ref(std::span<const std::uint32_t>, std::span<const DecodeSegment<U16>>, unsigned) noexcept;

}  // namespace vaerans::kernels
