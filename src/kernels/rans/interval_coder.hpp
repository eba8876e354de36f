// rANS over explicit intervals: for models that choose a distribution for every symbol (contexts).
//
// A symbol under a distribution is an interval [start, start + freq) of 2^14 slots; n raw bits are an interval of
// 2^(14-n). One state in [2^32, 2^48) with 16-bit words: 2^14 slots are so few against 2^32 that coding loses less than
// 10^-5 bits per symbol, and a stream is only 6 bytes longer than its information. The encoder walks backwards, so that
// the decoder meets the intervals in the order in which they were listed.
//
// Stream = the last state (6 bytes, least significant first), then the words in the order in which the decoder asks for
// them, least significant byte first. The decoder must come back to 2^32 with no word left; it checks both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.hpp"

namespace vaerans::kernels {

inline constexpr unsigned kIntervalBits = 14;
inline constexpr std::uint32_t kIntervalSlots = std::uint32_t{1} << kIntervalBits;

struct Interval {
  std::uint16_t start = 0;
  std::uint16_t freq = 0;  // 1..2^14; start + freq <= 2^14
};

// n <= 14 raw bits.
[[nodiscard]] constexpr Interval raw_bits(std::uint32_t value, unsigned n) noexcept {
  return {static_cast<std::uint16_t>(value << (kIntervalBits - n)), static_cast<std::uint16_t>(kIntervalSlots >> n)};
}

// By how many bytes a stream may exceed the information it holds: the state, and what remains in it at the end.
inline constexpr std::size_t kIntervalOverhead = 8;

// Codes from the last interval to the first, filling `out` from its end. ok() turns false for good once `out` is full.
class IntervalEncoder {
 public:
  explicit IntervalEncoder(std::span<std::byte> out) noexcept : out_(out), at_(out.size()) {}

  void push(Interval i) noexcept {
    // The state after coding must stay below 2^48; one word is enough because freq >= 1 means at most 14 bits.
    if (state_ >= std::uint64_t{i.freq} << (48 - kIntervalBits)) {
      put(state_, 2);
      state_ >>= 16U;
    }
    state_ = (state_ / i.freq << kIntervalBits) + state_ % i.freq + i.start;
  }
  // Writes the state. The stream is then the last size() bytes of `out`.
  void finish() noexcept { put(state_, 6); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t size() const noexcept { return out_.size() - at_; }

 private:
  void put(std::uint64_t value, std::size_t bytes) noexcept {
    if (at_ < bytes) {
      ok_ = false;
      return;
    }
    at_ -= bytes;
    for (std::size_t i = 0; i < bytes; ++i) out_[at_ + i] = static_cast<std::byte>(value >> (8 * i) & 0xFFU);
  }

  std::span<std::byte> out_;
  std::size_t at_;
  std::uint64_t state_ = std::uint64_t{1} << 32U;
  bool ok_ = true;
};

// Reads never leave the span: behind its end come zeros, and finish() then answers `truncated`.
class IntervalDecoder {
 public:
  explicit IntervalDecoder(std::span<const std::byte> bytes) noexcept;

  // The slot that the next interval holds.
  [[nodiscard]] std::uint32_t slot() const noexcept {
    return static_cast<std::uint32_t>(state_) & (kIntervalSlots - 1);
  }
  // Takes the interval, which must hold slot().
  void advance(Interval i) noexcept {
    state_ = i.freq * (state_ >> kIntervalBits) + slot() - i.start;
    if (state_ < kLow) refill();
  }
  [[nodiscard]] std::uint32_t bits(unsigned n) noexcept {
    const std::uint32_t value = slot() >> (kIntervalBits - n);
    advance(raw_bits(value, n));
    return value;
  }
  // True once the words have run out: what was decoded since means nothing.
  [[nodiscard]] bool exhausted() const noexcept { return exhausted_; }
  // ok, or bad_state, truncated, end_state, trailing.
  [[nodiscard]] Status finish() const noexcept;

 private:
  static constexpr std::uint64_t kLow = std::uint64_t{1} << 32U;
  static constexpr std::uint64_t kHigh = std::uint64_t{1} << 48U;
  void refill() noexcept;

  std::span<const std::byte> bytes_;
  std::uint64_t state_ = kLow;
  bool bad_state_ = false, exhausted_ = false;
};

}  // namespace vaerans::kernels
