// ByteView: numbers at places of a file, in either byte order, never read past its end.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vaerans/base/error.hpp"

namespace vaerans::image_io {

[[noreturn]] inline void refuse_picture(const std::string& why) { throw Error(ErrorCode::image_unsupported, why); }
[[noreturn]] inline void damaged_picture(const std::string& what) {
  throw Error(ErrorCode::image_unreadable, "damaged or cut short (" + what + ")");
}

class ByteView {
 public:
  explicit ByteView(std::span<const std::uint8_t> bytes, bool big = true) : bytes_(bytes), big_(big) {}

  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] bool holds(std::uint64_t at, std::uint64_t count) const { return at <= size() && count <= size() - at; }
  /// Error(image_unreadable) where the bytes end before.
  [[nodiscard]] ByteView part(std::uint64_t at, std::uint64_t count) const {
    require(at, count);
    return ByteView(bytes_.subspan(at, count), big_);
  }
  [[nodiscard]] ByteView from(std::uint64_t at) const { return part(at, at <= size() ? size() - at : 0); }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] std::string_view letters() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] bool has(std::uint64_t at, std::string_view text) const {
    return holds(at, text.size()) && letters().substr(at, text.size()) == text;
  }
  [[nodiscard]] bool contains(std::string_view text) const { return letters().find(text) != std::string_view::npos; }

  [[nodiscard]] std::uint8_t u8(std::uint64_t at) const { return static_cast<std::uint8_t>(number(at, 1)); }
  [[nodiscard]] std::uint16_t u16(std::uint64_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
  [[nodiscard]] std::uint32_t u32(std::uint64_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  [[nodiscard]] std::uint64_t u64(std::uint64_t at) const { return number(at, 8); }

  [[nodiscard]] std::uint64_t number(std::uint64_t at, unsigned count) const {
    require(at, count);
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{bytes_[at + i]} << (8 * (big_ ? count - 1 - i : i));
    return value;
  }

 private:
  void require(std::uint64_t at, std::uint64_t count) const {
    if (!holds(at, count)) damaged_picture("its header ends too early");
  }
  std::span<const std::uint8_t> bytes_;
  bool big_;
};

}  // namespace vaerans::image_io
