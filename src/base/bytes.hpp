// Little-endian bytes and variable-length integers (LEB128): what side information and files are made of.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory.hpp"
#include "base/zigzag.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/text.hpp"

namespace vaerans {

class ByteWriter {
 public:
  ByteWriter() = default;
  /// Writes into memory that is reused; its contents are dropped.
  explicit ByteWriter(ByteBuffer&& memory) : bytes_(std::move(memory)) { bytes_.clear(); }
  void u8(std::uint8_t v) { bytes_.push_back(std::byte{v}); }
  void u32(std::uint32_t v) { fixed(v, 4); }
  void f32(float v) { u32(std::bit_cast<std::uint32_t>(v)); }
  void f64(double v) { fixed(std::bit_cast<std::uint64_t>(v), 8); }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<std::uint8_t>(v | 0x80));
    u8(static_cast<std::uint8_t>(v));
  }
  /// Signed: the varint of its zigzag.
  void svarint(std::int64_t v) { varint(zigzag(v)); }
  void raw(std::span<const std::byte> v) { bytes_.insert(bytes_.end(), v.begin(), v.end()); }
  void text(std::string_view v) {
    varint(v.size());
    raw(std::as_bytes(std::span(v)));
  }
  [[nodiscard]] const ByteBuffer& bytes() const noexcept { return bytes_; }
  /// Hands the memory out; the writer is then empty.
  [[nodiscard]] ByteBuffer take() noexcept { return std::move(bytes_); }

 private:
  void fixed(std::uint64_t v, int n) {
    for (int i = 0; i < n; ++i) u8(static_cast<std::uint8_t>(v >> (8 * i)));
  }
  ByteBuffer bytes_;
};

/// Reads what ByteWriter wrote; throws Error(corrupt_stream) that names the part and the byte, and never reads beyond.
class ByteReader {
 public:
  /// The caller keeps both.
  ByteReader(std::span<const std::byte> bytes, std::string_view part) : bytes_(bytes), part_(part) {}
  /// A name that is gone before it is told.
  template <std::same_as<std::string> Temporary>
  ByteReader(std::span<const std::byte> bytes, Temporary&& part) = delete;

  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
  float f32() { return std::bit_cast<float>(u32()); }
  double f64() { return std::bit_cast<double>(fixed(8)); }
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = u8();
      if (shift == 63 && b > 1) break;
      v |= std::uint64_t{b & 0x7FU} << shift;
      if (b < 0x80) {
        if (b == 0 && shift != 0) corrupt("a number in more bytes than it needs");
        return v;
      }
    }
    corrupt("a number of more than 64 bits");
  }
  std::int64_t svarint() { return unzigzag(varint()); }
  /// A count, refused above `max` before anything is allocated for it.
  std::uint64_t count(std::uint64_t max, std::string_view what) {
    const std::uint64_t v = varint();
    if (v > max) {
      throw Error(ErrorCode::limit_exceeded, std::string(part_) + ", byte " + std::to_string(at_) + ": " +
                                                 std::string(what) + " " + std::to_string(v) +
                                                 " is over the limit of " + std::to_string(max));
    }
    return v;
  }
  std::span<const std::byte> take(std::uint64_t n) {
    if (n > left()) corrupt("the data end too early");
    const auto out = bytes_.subspan(at_, n);
    at_ += n;
    return out;
  }
  std::string text(std::uint64_t max, std::string_view what) {
    const auto raw = take(count(max, what));
    std::string out(reinterpret_cast<const char*>(raw.data()), raw.size());
    if (!is_plain_text(out)) corrupt("a text that is not UTF-8, or has control characters");
    return out;
  }
  void expect_end() const {
    if (left() != 0) corrupt(std::to_string(left()) + " bytes are left over");
  }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
  [[noreturn]] void corrupt(const std::string& what) const {
    throw Error(ErrorCode::corrupt_stream, std::string(part_) + ", byte " + std::to_string(at_) + ": " + what);
  }

 private:
  std::uint64_t fixed(unsigned n) {
    std::uint64_t v = 0;
    const auto raw = take(n);
    for (unsigned i = 0; i < n; ++i) v |= std::uint64_t{static_cast<std::uint8_t>(raw[i])} << (8 * i);
    return v;
  }
  std::span<const std::byte> bytes_;
  std::string_view part_;
  std::size_t at_ = 0;
};

}  // namespace vaerans
