#include "kernels/fast/symbol_rans.hpp"

#include <algorithm>

namespace vaerans::kernels {
namespace {

constexpr std::size_t kStateBytes = 8;

void append(ByteBuffer& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

}  // namespace

void SymbolList::write(ByteBuffer& out) const {
  std::uint64_t state = std::uint64_t{1} << 32U;
  RecycledVector<std::uint32_t> words;  // last first
  for (std::size_t i = size_; i-- > 0;) {
    const std::uint64_t start = list_[i] & 0xFFFFU, freq = list_[i] >> 16U;
    if (state >> (64 - kSymbolBits) >= freq) {
      words.push_back(static_cast<std::uint32_t>(state));
      state >>= 32U;
    }
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): no interval is empty
    state = (state / freq << kSymbolBits) + state % freq + start;
  }
  out.clear();
  out.reserve(kStateBytes + 4 * words.size());
  append(out, state, kStateBytes);
  for (std::size_t i = words.size(); i-- > 0;) append(out, words[i], 4);
}

void SymbolDecoder::begin(std::span<const std::byte> stream) {
  // Every symbol takes at most one word, so that zeros behind the end last until overrun() is asked.
  size_ = stream.size();
  bytes_.resize(std::max(size_, kStateBytes) + 4 * (kSymbolsBetween + 1));
  std::ranges::transform(stream, bytes_.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  std::fill(bytes_.begin() + static_cast<std::ptrdiff_t>(size_), bytes_.end(), std::uint8_t{0});
  at_ = bytes_.data() + kStateBytes;
  state_ = 0;
  for (unsigned i = 0; i < kStateBytes; ++i) state_ |= std::uint64_t{bytes_[i]} << (8 * i);
  begun_ = state_ < kLow ? Status::bad_state : Status::ok;
  if (size_ < kStateBytes) begun_ = Status::truncated;
  if (begun_ != Status::ok) state_ = kLow;
}

Status SymbolDecoder::finish() const noexcept {
  if (begun_ != Status::ok) return begun_;
  if (overrun()) return Status::truncated;
  if (state_ != kLow) return Status::end_state;
  return at_ == bytes_.data() + size_ ? Status::ok : Status::trailing;
}

}  // namespace vaerans::kernels
