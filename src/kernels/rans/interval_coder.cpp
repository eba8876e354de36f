#include "kernels/rans/interval_coder.hpp"

namespace vaerans::kernels {
namespace {

constexpr std::size_t kStateBytes = 6;

std::uint64_t little_endian(std::span<const std::byte> bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

IntervalDecoder::IntervalDecoder(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {
  if (bytes.size() < kStateBytes) {
    exhausted_ = true;
    return;
  }
  state_ = little_endian(bytes.first(kStateBytes));
  bytes_ = bytes.subspan(kStateBytes);
  bad_state_ = state_ < kLow || state_ >= kHigh;
  if (bad_state_) state_ = kLow;
}

void IntervalDecoder::refill() noexcept {
  if (bytes_.size() < 2) {
    exhausted_ = true;
    state_ = kLow;
    return;
  }
  state_ = state_ << 16U | little_endian(bytes_.first(2));
  bytes_ = bytes_.subspan(2);
}

Status IntervalDecoder::finish() const noexcept {
  if (bad_state_) return Status::bad_state;
  if (exhausted_) return Status::truncated;
  if (!bytes_.empty()) return Status::trailing;
  return state_ == kLow ? Status::ok : Status::end_state;
}

}  // namespace vaerans::kernels
