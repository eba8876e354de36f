// Single bits, most significant first, and the Exp-Golomb numbers in which tables are written.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {

class BitWriter {
 public:
  BitWriter() = default;
  /// Continues after whole bytes that were written before.
  explicit BitWriter(ByteBuffer&& begun) : bytes_(std::move(begun)), count_(8 * bytes_.size()) {}
  void bits(std::uint64_t value, unsigned n) {
    while (n-- > 0) {
      if (count_ % 8 == 0) bytes_.push_back(std::byte{0});
      bytes_.back() |= static_cast<std::byte>(((value >> n) & 1U) << (7 - count_ % 8));
      ++count_;
    }
  }
  /// Exp-Golomb code of order k: short for values near or below 2^k.
  void golomb(std::uint64_t value, unsigned k) {
    const std::uint64_t shifted = value + (std::uint64_t{1} << k);
    const auto width = static_cast<unsigned>(std::bit_width(shifted));
    bits(0, width - k - 1);
    bits(shifted, width);
  }
  [[nodiscard]] std::size_t bit_count() const noexcept { return count_; }
  [[nodiscard]] const ByteBuffer& bytes() const noexcept { return bytes_; }  ///< padded with zero bits
  [[nodiscard]] ByteBuffer take() noexcept { return std::move(bytes_); }

 private:
  ByteBuffer bytes_;
  std::size_t count_ = 0;
};

/// Bits that BitWriter::golomb takes.
[[nodiscard]] constexpr unsigned golomb_bits(std::uint64_t value, unsigned k) noexcept {
  return 2 * static_cast<unsigned>(std::bit_width(value + (std::uint64_t{1} << k))) - k - 1;
}

/// The order for a frequency or count whose neighbour in the table is `before`.
[[nodiscard]] constexpr unsigned golomb_order_after(std::uint64_t before) noexcept {
  const auto width = static_cast<unsigned>(std::bit_width(before));
  return width > 2 ? width - 2 : 0;
}

/// Throws Error(corrupt_stream) instead of reading beyond the end.
class BitReader {
 public:
  /// `part` names the bytes in error texts.
  explicit BitReader(std::span<const std::byte> bytes, std::string_view part = "ans side information")
      : bytes_(bytes), part_(part) {}

  std::uint64_t bits(unsigned n) {
    std::uint64_t value = 0;
    while (n-- > 0) {
      if (at_ / 8 >= bytes_.size()) corrupt("the data end too early");
      value = value << 1 | ((std::to_integer<unsigned>(bytes_[at_ / 8]) >> (7 - at_ % 8)) & 1U);
      ++at_;
    }
    return value;
  }
  std::uint64_t golomb(unsigned k) {
    unsigned zeros = 0;
    while (bits(1) == 0) {
      if (++zeros + k > 40) corrupt("a number of more than 40 bits");
    }
    const std::uint64_t one = std::uint64_t{1} << (zeros + k);
    return (one | bits(zeros + k)) - (std::uint64_t{1} << k);
  }
  /// Only zero bits, fewer than eight, may be left.
  void expect_end() {
    if (bytes_.size() * 8 - at_ >= 8) corrupt("bytes are left over");
    if (bits(static_cast<unsigned>(bytes_.size() * 8 - at_)) != 0) corrupt("the padding is not zero");
  }
  [[noreturn]] void corrupt(const char* what) const {
    throw Error(ErrorCode::corrupt_stream, std::string(part_) + ", bit " + std::to_string(at_) + ": " + what);
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view part_;
  std::size_t at_ = 0;
};

}  // namespace vaerans
