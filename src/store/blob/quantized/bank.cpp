#include "store/blob/quantized/bank.hpp"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/require.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {
namespace {

template <class Symbol>
void make(std::uint8_t spread, BankTable& out) {
  using A = Alphabet<Symbol>;
  SymbolTable table;
  if (!spread_table({std::uint32_t{spread} / kShapes, spread % kShapes}, A::precision, A::zero, 0, A::last, table))
    throw Error(ErrorCode::internal, "blob: a spread is too wide for its alphabet");
  const FullTable full = full_table(table);
  require_ok(out.encode.build({full.freq, full.precision_bits}), "blob tables");
  require_ok(out.decode.build({full.freq, full.precision_bits}), "blob tables");
  out.decode.pack({full.freq, full.precision_bits});
  out.low = static_cast<std::int32_t>(table.first) - A::zero;
  out.high = out.low + static_cast<std::int32_t>(table.freq.size()) - 1;
}

}  // namespace

template <class Symbol>
const BankTable& bank_table(std::uint8_t spread) {
  struct Lazy {
    std::once_flag once;
    BankTable table;
  };
  static std::array<Lazy, std::size_t{kSpreadClasses} * kShapes> all;
  Lazy& lazy = all[spread];
  std::call_once(lazy.once, [&] { make<Symbol>(spread, lazy.table); });
  return lazy.table;
}

template const BankTable& bank_table<std::uint8_t>(std::uint8_t spread);
template const BankTable& bank_table<std::uint16_t>(std::uint8_t spread);

}  // namespace vaerans::blob
