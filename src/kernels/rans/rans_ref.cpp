// The entropy coder's plain twin: one symbol after the other, in the words of the definition in rans.hpp.
#include <cstdint>

#include "kernels/rans/rans_state.hpp"

namespace vaerans::kernels {

namespace {

using rans::States;
using rans::UnitReader;
using rans::UnitStack;

template <class Symbol>
Status put_symbols(States& states, std::size_t lanes, std::size_t first, const EncodeSegment<Symbol>& segment,
                   UnitStack& units) noexcept {
  for (std::size_t j = segment.symbols.size(); j-- > 0;) {
    const EncodeTable::Entry& e = rans::entry_of(segment.table->entries(), segment.symbols[j]);
    const std::uint64_t freq = rans::kScale - e.complement;
    if (freq == 0) return Status::bad_symbol;
    std::uint64_t& x = states.x[(first + j) % lanes];
    if (x >= freq << rans::kLowBits) {
      if (!units.push(x)) return Status::output_full;
      x >>= 16U;
    }
    x = x / freq * rans::kScale + e.start + x % freq;
  }
  return Status::ok;
}

template <class Symbol>
Status get_symbols(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<Symbol>& segment,
                   UnitReader& units) noexcept {
  const DecodeTable& table = *segment.table;
  for (std::size_t j = 0; j < segment.symbols.size(); ++j) {
    std::uint64_t& x = states.x[(first + j) % lanes];
    Symbol& out = segment.symbols[j];
    const bool ok = table.narrow_symbols().empty()
                        ? rans::get(x, table.wide_symbols().data(), table, out, units, lanes == 1)
                        : rans::get(x, table.narrow_symbols().data(), table, out, units, lanes == 1);
    if (!ok) return Status::truncated;
  }
  return Status::ok;
}

}  // namespace

template <class Symbol>
EncodeResult encode_ref(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                        std::span<std::uint32_t> out) noexcept {
  return rans::encode_segments(segments, lanes, out, put_symbols<Symbol>);
}

template <class Symbol>
Status decode_ref(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
                  unsigned lanes) noexcept {
  return rans::decode_segments(words, segments, lanes, get_symbols<Symbol>);
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
template EncodeResult encode_ref(std::span<const EncodeSegment<U8>>, unsigned, std::span<std::uint32_t>) noexcept;
template EncodeResult encode_ref(std::span<const EncodeSegment<U16>>, unsigned, std::span<std::uint32_t>) noexcept;
template Status decode_ref(std::span<const std::uint32_t>, std::span<const DecodeSegment<U8>>, unsigned) noexcept;
template Status decode_ref(std::span<const std::uint32_t>, std::span<const DecodeSegment<U16>>, unsigned) noexcept;

}  // namespace vaerans::kernels
