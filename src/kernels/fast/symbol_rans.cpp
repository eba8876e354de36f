#include "kernels/fast/symbol_rans.hpp"

#include <algorithm>

#include "kernels/mixing/rans_words.hpp"

namespace vaerans::kernels {
namespace {

constexpr std::size_t kStateBytes = 8;

}  // namespace

void SymbolList::write(ByteBuffer& out) const {
  RansWords<kSymbolBits> words;
  for (std::size_t i = size_; i-- > 0;) words.put(list_[i] & 0xFFFFU, list_[i] >> 16U);
  out.clear();
  words.write(out);
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
