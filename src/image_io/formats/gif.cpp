// GIF: whether the first frame has all its pixels. Its decoder leaves the rest empty where a stream ends too early, and
// the format has no checksums (CompuServe, GIF89a specification, appendix F on LZW).
#include <algorithm>
#include <array>
#include <vector>

#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {
namespace {

/// Counts the pixels that a stream of codes stands for. The strings themselves are not needed, only how long they are.
class LzwCount {
 public:
  explicit LzwCount(unsigned bits) : clear_(1U << bits) { reset(); }
  /// False at the end of the stream, or where it makes no sense.
  [[nodiscard]] bool take(unsigned code) {
    if (code == clear_) return reset(), true;
    if (code == clear_ + 1 || code > next_ || (previous_ == none && code >= clear_)) return false;
    const std::uint64_t grown = previous_ == none ? 0 : length(previous_) + 1;
    pixels += code == next_ ? grown : length(code);
    if (previous_ != none && next_ < lengths_.size()) {
      lengths_[next_++] = grown;
      if (next_ == 1U << width && width < 12) ++width;
    }
    previous_ = code;
    return true;
  }
  std::uint64_t pixels = 0;
  unsigned width = 0;  ///< bits of the next code

 private:
  static constexpr unsigned none = ~0U;
  void reset() {
    next_ = clear_ + 2;
    previous_ = none;
    for (width = 1; 1U << width < next_; ++width) continue;
  }
  [[nodiscard]] std::uint64_t length(unsigned code) const { return code < clear_ ? 1 : lengths_[code]; }
  unsigned clear_, next_ = 0, previous_ = none;
  std::array<std::uint64_t, 4096> lengths_{};
};

std::uint64_t count_pixels(const std::vector<std::uint8_t>& data, unsigned bits) {
  LzwCount count(bits);
  std::uint32_t window = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : data) {
    window |= std::uint32_t{byte} << held;
    held += 8;
    while (held >= count.width) {
      const unsigned width = count.width;
      if (!count.take(window & ((1U << width) - 1))) return count.pixels;
      window >>= width;
      held -= width;
    }
  }
  return count.pixels;
}

/// Data in blocks of up to 255 bytes, from `at` on, which is moved behind them.
std::vector<std::uint8_t> blocks(const ByteView& file, std::uint64_t& at) {
  std::vector<std::uint8_t> data;
  while (file.holds(at, 1) && file.u8(at) != 0) {
    const std::uint64_t length = std::min<std::uint64_t>(file.u8(at), file.size() - at - 1);
    const auto block = file.bytes().subspan(at + 1, length);
    data.insert(data.end(), block.begin(), block.end());
    at += 1 + length;
  }
  ++at;
  return data;
}

std::uint64_t palette_bytes(unsigned flags) {
  return (flags & 0x80U) == 0 ? 0 : std::uint64_t{3} << (1 + (flags & 7U));
}

}  // namespace

void inspect_gif(const ByteView& big_endian, Facts& facts) {
  const ByteView file(big_endian.bytes(), false);
  std::uint64_t at = 13 + palette_bytes(file.u8(10));
  constexpr unsigned extension = 0x21, image = 0x2C;
  while (file.holds(at, 1) && file.u8(at) == extension) {
    at += 2;
    (void)blocks(file, at);
  }
  if (!file.holds(at, 1) || file.u8(at) != image) {
    facts.damage = "there is no frame in it";
    return;
  }
  const std::uint64_t needed = std::uint64_t{file.u16(at + 5)} * file.u16(at + 7);
  at += 10 + palette_bytes(file.u8(at + 9));
  const unsigned bits = file.u8(at++);
  const std::uint64_t there = bits < 1 || bits > 11 ? 0 : count_pixels(blocks(file, at), bits);
  if (there < needed) {
    facts.damage = std::to_string(there) + " of " + std::to_string(needed) + " pixels of its first frame are there";
  }
}

}  // namespace vaerans::image_io
