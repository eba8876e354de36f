#include "kernels/mixing/binary_rans.hpp"

#include "kernels/mixing/rans_words.hpp"

namespace vaerans::kernels {

void DecisionList::write(ByteBuffer& out) const {
  RansWords<16> words;
  for (std::size_t i = list_.size(); i-- > 0;) {
    const std::uint32_t probability = list_[i] >> 1U;
    const bool yes = (list_[i] & 1U) != 0;
    words.put(yes ? 0 : probability, yes ? probability : 65536 - probability);
  }
  words.write(out);
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
