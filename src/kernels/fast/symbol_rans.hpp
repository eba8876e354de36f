// rANS over intervals of 2^15 slots: one state, 32-bit words, so that a word is asked for once in ten symbols.
//
// A model that adapts learns from each symbol before it meets the next, so the encoder first lists the intervals
// (SymbolList) and then codes them from the last to the first; a decoder meets them in order. State in [2^32, 2^64).
//
// Stream = the last state (8 bytes, least significant first), then the words in the order in which the decoder asks for
// them, least significant byte first. The decoder must come back to 2^32 with no word left; finish() checks both.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "base/status.hpp"

namespace vaerans::kernels {

inline constexpr unsigned kSymbolBits = 15;
inline constexpr std::uint32_t kSymbolSlots = std::uint32_t{1} << kSymbolBits;

// Intervals of an encoder, in the order of the decoder. Who puts asks for room(n) before each n of them.
class SymbolList {
 public:
  void clear() noexcept { size_ = 0; }
  void room(std::size_t n) {
    if (size_ + n > list_.size()) list_.resize(std::max(size_ + n, 2 * list_.size()));
  }
  // 1 <= freq, start + freq <= 2^15.
  void put(std::uint32_t start, std::uint32_t freq) noexcept { list_[size_++] = start | freq << 16U; }
  void put_bits(std::uint32_t value, unsigned n) noexcept { put(value << (kSymbolBits - n), kSymbolSlots >> n); }
  // The stream, which replaces what `out` held.
  void write(ByteBuffer& out) const;

 private:
  std::vector<std::uint32_t> list_;  // start + freq × 2^16
  std::size_t size_ = 0;
};

// Reads never leave a copy of the stream that has zeros behind it. Who decodes asks overrun() after at most
// kSymbolsBetween symbols.
class SymbolDecoder {
 public:
  static constexpr std::size_t kSymbolsBetween = 4096;

  void begin(std::span<const std::byte> stream);

  // The slot that the next interval holds.
  [[nodiscard]] std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(state_) & (kSymbolSlots - 1); }
  // Takes the interval, which must hold slot().
  void advance(std::uint32_t start, std::uint32_t freq) noexcept {
    state_ = freq * (state_ >> kSymbolBits) + slot() - start;
    // Without a branch: when a word is due is as good as random.
    const std::uint64_t due = 0 - std::uint64_t{state_ < kLow};
    state_ = state_ << (due & 32U) | (word() & due);
    at_ += due & 4U;
  }
  [[nodiscard]] std::uint32_t bits(unsigned n) noexcept {
    const std::uint32_t value = slot() >> (kSymbolBits - n);
    advance(value << (kSymbolBits - n), kSymbolSlots >> n);
    return value;
  }
  // True once the words have run out: what was decoded since means nothing.
  [[nodiscard]] bool overrun() const noexcept { return at_ > bytes_.data() + size_; }
  // ok, or bad_state, truncated, end_state, trailing.
  [[nodiscard]] Status finish() const noexcept;

 private:
  static constexpr std::uint64_t kLow = std::uint64_t{1} << 32U;
  [[nodiscard]] std::uint32_t word() const noexcept {
    return std::uint32_t{at_[0]} | std::uint32_t{at_[1]} << 8U | std::uint32_t{at_[2]} << 16U |
           std::uint32_t{at_[3]} << 24U;
  }

  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
  const std::uint8_t* at_ = nullptr;
  std::uint64_t state_ = kLow;
  Status begun_ = Status::truncated;
};

}  // namespace vaerans::kernels
