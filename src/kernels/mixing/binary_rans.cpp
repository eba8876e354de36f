#include "kernels/mixing/binary_rans.hpp"

namespace vaerans::kernels {
namespace {

void put(ByteBuffer& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

}  // namespace

void DecisionList::write(ByteBuffer& out) const {
  std::uint64_t state = std::uint64_t{1} << 32U;
  RecycledVector<std::uint32_t> words;  // last first
  for (std::size_t i = list_.size(); i-- > 0;) {
    const std::uint32_t probability = list_[i] >> 1U;
    const bool yes = (list_[i] & 1U) != 0;
    const std::uint64_t freq = yes ? probability : 65536 - probability;
    if (state >> 48U >= freq) {
      words.push_back(static_cast<std::uint32_t>(state));
      state >>= 32U;
    }
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): the list holds probabilities from 1 to 65535
    state = (state / freq << 16U) + state % freq + (yes ? 0 : probability);
  }
  out.reserve(out.size() + 8 + 4 * words.size());
  put(out, state, 8);
  for (std::size_t i = words.size(); i-- > 0;) put(out, words[i], 4);
}

DecisionDecoder::DecisionDecoder(std::span<const std::byte> stream) noexcept : stream_(stream) {
  if (stream.size() < 8) {
    exhausted_ = true;
    stream_ = {};
    return;
  }
  state_ = 0;
  for (unsigned i = 0; i < 8; ++i) state_ |= std::to_integer<std::uint64_t>(stream[i]) << (8 * i);
  stream_ = stream.subspan(8);
  if (state_ < kLow) {
    bad_state_ = true;
    state_ = kLow;
  }
}

void DecisionDecoder::refill() noexcept {
  std::uint64_t word = 0;
  if (stream_.size() >= 4) {
    for (unsigned i = 0; i < 4; ++i) word |= std::to_integer<std::uint64_t>(stream_[i]) << (8 * i);
    stream_ = stream_.subspan(4);
  } else {
    exhausted_ = true;
  }
  state_ = state_ << 32U | word;
}

Status DecisionDecoder::finish() const noexcept {
  if (bad_state_) return Status::bad_state;
  if (exhausted_) return Status::truncated;
  if (state_ != kLow) return Status::end_state;
  return stream_.empty() ? Status::ok : Status::trailing;
}

}  // namespace vaerans::kernels
