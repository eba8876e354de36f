// Tables of the entropy coder: what a valid one is, and the coders' look-up tables made of it.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

#include "kernels/rans/rans.hpp"
#include "kernels/rans/rans_state.hpp"

namespace vaerans::kernels {
namespace {

using rans::kScale;
using rans::kScaleBits;

constexpr std::size_t kBytes = 256;  // symbols that a byte holds

// The vectors divide by multiplying doubles, exactly: x is below f * 2^32 <= 2^48, so that x / f < 2^32 is an integer
// or at least 2^-16 away from the next one. The reciprocal is too large by a factor between 1 + 2^-51 and 1 + 2^-49, so
// the product exceeds x / f by less than 2^-17, and rounding moves it by less than 2^-20: truncating gives x / f.
constexpr double kJustAboveOne = 1.0 + 0x1p-50;

EncodeTable::Entry encode_entry(std::uint32_t freq, std::uint32_t start) noexcept {
  if (freq == 0) return {0.0, kScale, 0};
  return {kJustAboveOne / freq, kScale - freq, start};
}

}  // namespace

Status check_table(TableView table) noexcept {
  const std::size_t alphabet = table.freq.size();
  if (alphabet < 1 || alphabet > kMaxAlphabet) return Status::bad_argument;
  if (table.precision_bits < kMinPrecision || table.precision_bits > kMaxPrecision) return Status::bad_argument;
  const std::uint64_t sum = std::accumulate(table.freq.begin(), table.freq.end(), std::uint64_t{0});
  return sum == std::uint64_t{1} << table.precision_bits ? Status::ok : Status::bad_table;
}

Status EncodeTable::build(TableView table) {
  entries_.clear();
  precision_ = 0;
  if (const Status status = check_table(table); status != Status::ok) return status;
  const unsigned scale = kScaleBits - table.precision_bits;
  std::uint32_t start = 0;
  entries_.resize(std::max(table.freq.size(), kBytes) + 1, encode_entry(0, 0));
  for (std::size_t s = 0; s < table.freq.size(); ++s) {
    const std::uint32_t freq = table.freq[s] << scale;
    entries_[s] = encode_entry(freq, start);
    start += freq;
  }
  precision_ = table.precision_bits;
  return Status::ok;
}

void PackedSlots::build(TableView table) {
  clear();
  if (table.precision_bits != kPrecision || table.freq.size() > kBytes) return;
  if (std::ranges::max(table.freq) >= 1U << kFieldBits) return;
  words_.reserve(std::size_t{1} << kPrecision);
  for (std::size_t s = 0; s < table.freq.size(); ++s) {
    const std::uint32_t rest = table.freq[s] << kSymbolBits | static_cast<std::uint32_t>(s);
    for (std::uint32_t place = 0; place < table.freq[s]; ++place)
      words_.push_back(static_cast<std::int32_t>(place << (kSymbolBits + kFieldBits) | rest));
  }
}

Status DecodeTable::build(TableView table) {
  entries_.clear();
  narrow_.clear();
  wide_.clear();
  packed_.clear();
  precision_ = 0;
  if (const Status status = check_table(table); status != Status::ok) return status;
  const std::size_t slots = std::size_t{1} << table.precision_bits;
  const bool narrow = table.freq.size() <= kBytes;
  narrow_.resize(narrow ? slots : 0);
  wide_.resize(narrow ? 0 : slots);
  entries_.resize(table.freq.size() + 1);
  const unsigned scale = kScaleBits - table.precision_bits;
  std::uint32_t start = 0;
  for (std::size_t s = 0; s < table.freq.size(); ++s) {
    const std::uint32_t freq = table.freq[s];
    if (freq == 0) continue;
    const auto symbol = static_cast<std::uint16_t>(s);
    entries_[s] = {static_cast<std::uint16_t>(start << scale), symbol, freq << scale};
    if (narrow) {
      std::fill_n(narrow_.begin() + start, freq, static_cast<std::uint8_t>(symbol));
    } else {
      std::fill_n(wide_.begin() + start, freq, symbol);
    }
    start += freq;
  }
  precision_ = table.precision_bits;
  return Status::ok;
}

}  // namespace vaerans::kernels
