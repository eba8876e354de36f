// The encoder's half of rANS with a 64-bit state and 32-bit words, which adaptive models share: intervals come from the
// last to the first, and the stream is read forwards.
//
// Stream = the last state (8 bytes, least significant first), then the words in the order in which the decoder asks for
// them, least significant byte first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/memory.hpp"

namespace vaerans::kernels {

// Intervals are of 2^kBits slots, the state is in [2^32, 2^64).
template <unsigned kBits>
class RansWords {
 public:
  // The interval [start, start + freq), freq >= 1.
  void put(std::uint64_t start, std::uint64_t freq) {
    if (state_ >> (64 - kBits) >= freq) {
      words_.push_back(static_cast<std::uint32_t>(state_));
      state_ >>= 32U;
    }
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): no interval is empty
    state_ = (state_ / freq << kBits) + state_ % freq + start;
  }
  // Appends the stream to `out`.
  void write(ByteBuffer& out) const {
    out.reserve(out.size() + 8 + 4 * words_.size());
    append(out, state_, 8);
    for (std::size_t i = words_.size(); i-- > 0;) append(out, words_[i], 4);
  }

 private:
  static void append(ByteBuffer& out, std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
  }

  std::uint64_t state_ = std::uint64_t{1} << 32U;
  RecycledVector<std::uint32_t> words_;  // last first
};

}  // namespace vaerans::kernels
