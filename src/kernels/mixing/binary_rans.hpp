// rANS for binary decisions with 16-bit probabilities: adaptive models code forwards, the coder runs backwards.
//
// A model that adapts learns from each decision before it meets the next, so the encoder first lists its decisions with
// their probabilities (DecisionList) and then codes them from the last to the first; a decoder meets them in order and
// needs no list. State in [2^32, 2^64), 32-bit words, a decision of probability p taking p of 2^16 slots: yes the
// first.
//
// Stream = the last state (8 bytes, least significant first), then the words in the order in which the decoder asks for
// them, least significant byte first. The decoder must come back to 2^32 with no word left; finish() checks both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "base/status.hpp"

namespace vaerans::kernels {

// Decisions of an encoder with the probability of yes, 1..65535 of 2^16.
class DecisionList {
 public:
  int code(int yes, std::uint32_t probability) {
    list_.push_back(probability << 1U | static_cast<std::uint32_t>(yes));
    return yes;
  }
  void clear() noexcept { list_.clear(); }
  void reserve(std::size_t n) { list_.reserve(n); }
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
  // Appends the stream to `out`.
  void write(ByteBuffer& out) const;

 private:
  std::vector<std::uint32_t> list_;  // probability × 2 + decision
};

// Reads never leave the span: behind its end come zeros, and finish() then answers `truncated`.
class DecisionDecoder {
 public:
  explicit DecisionDecoder(std::span<const std::byte> stream) noexcept;

  // The next decision, which a DecisionList was told with this probability; `yes` is ignored.
  int code(int /*yes*/, std::uint32_t probability) noexcept {
    const auto slot = static_cast<std::uint32_t>(state_ & 0xFFFFU);
    const bool yes = slot < probability;
    state_ = yes ? (state_ >> 16U) * probability + slot : (state_ >> 16U) * (65536 - probability) + slot - probability;
    if (state_ < kLow) refill();
    return yes ? 1 : 0;
  }
  // True once the words have run out: what was decoded since means nothing.
  [[nodiscard]] bool exhausted() const noexcept { return exhausted_; }
  // ok, or bad_state, truncated, end_state, trailing.
  [[nodiscard]] Status finish() const noexcept;

 private:
  static constexpr std::uint64_t kLow = std::uint64_t{1} << 32U;
  void refill() noexcept;

  std::span<const std::byte> stream_;
  std::uint64_t state_ = kLow;
  bool bad_state_ = false, exhausted_ = false;
};

}  // namespace vaerans::kernels
