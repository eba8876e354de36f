// JPEG XL: animations, and alpha that colours are multiplied by (ISO/IEC 18181-1: the image header's first bits).
#include "image_io/formats/boxes.hpp"
#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {
namespace {

/// Bits from the lowest of each byte.
class Bits {
 public:
  explicit Bits(const ByteView& bytes) : bytes_(bytes) {}
  std::uint32_t take(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++at_)
      value |= static_cast<std::uint32_t>(bytes_.u8(at_ / 8) >> (at_ % 8) & 1) << i;
    return value;
  }
  bool flag() { return take(1) != 0; }
  /// The standard's U32: two bits choose among four offsets, each with a number of bits to add.
  struct Choice {
    std::uint32_t offset;
    unsigned bits;
  };
  std::uint32_t one_of(Choice a, Choice b, Choice c, Choice d) {
    const Choice choices[] = {a, b, c, d};
    const Choice chosen = choices[take(2)];
    return chosen.offset + take(chosen.bits);
  }

 private:
  ByteView bytes_;
  std::uint64_t at_ = 0;
};

void skip_side(Bits& bits, bool by_eights) {
  if (by_eights)
    (void)bits.take(5);
  else
    (void)bits.one_of({1, 9}, {1, 13}, {1, 18}, {1, 30});
}

void skip_size(Bits& bits) {
  const bool by_eights = bits.flag();
  skip_side(bits, by_eights);
  if (bits.take(3) == 0) skip_side(bits, by_eights);  // otherwise the width is a ratio of the height
}

void skip_preview(Bits& bits) {
  const bool by_eights = bits.flag();
  const auto side = [&] {
    by_eights ? bits.one_of({16, 0}, {32, 0}, {1, 5}, {33, 9}) : bits.one_of({1, 6}, {65, 8}, {321, 10}, {1345, 12});
  };
  side();
  if (bits.take(3) == 0) side();
}

void skip_depth(Bits& bits) {
  if (!bits.flag()) return (void)bits.one_of({8, 0}, {10, 0}, {12, 0}, {1, 6});
  (void)bits.one_of({32, 0}, {16, 0}, {24, 0}, {1, 6});  // floating point: with its exponent
  (void)bits.take(4);
}

/// An enumeration of the standard.
std::uint32_t take_enum(Bits& bits) { return bits.one_of({0, 0}, {1, 0}, {2, 4}, {18, 6}); }

void require_plain_channel(Bits& bits) {
  constexpr std::uint32_t alpha = 0;
  if (bits.flag()) return;  // 8-bit alpha, colours as they are
  const std::uint32_t type = take_enum(bits);
  skip_depth(bits);
  (void)bits.one_of({0, 0}, {3, 0}, {4, 0}, {1, 3});  // how much smaller it is
  const std::uint32_t name = bits.one_of({0, 0}, {0, 4}, {16, 5}, {48, 10});
  for (std::uint32_t i = 0; i < name; ++i) (void)bits.take(8);
  if (type != alpha) refuse_picture("a JPEG XL picture with a further channel that is no alpha");
  if (bits.flag()) refuse_picture("a JPEG XL picture whose colours are multiplied by its alpha");
}

void inspect_codestream(const ByteView& codestream) {
  Bits bits(codestream.from(2));
  skip_size(bits);
  if (bits.flag()) return;  // all by default
  if (bits.flag()) {        // rarer properties
    (void)bits.take(3);     // orientation
    if (bits.flag()) skip_size(bits);
    if (bits.flag()) skip_preview(bits);
    // libvips may give its last frame instead of its first.
    if (bits.flag()) refuse_picture("an animation (JPEG XL); vaerans takes one picture");
  }
  skip_depth(bits);
  (void)bits.flag();  // 16 bits are enough for its samples
  const std::uint32_t channels = bits.one_of({0, 0}, {1, 0}, {2, 4}, {1, 12});
  if (channels > 1) refuse_picture("a JPEG XL picture with further channels besides alpha");
  if (channels == 1) require_plain_channel(bits);
}

ByteView codestream_of(const ByteView& file) {
  if (file.u8(0) == 0xFF) return file;
  if (const auto whole = find_box(file, "jxlc")) return *whole;
  if (const auto first_part = find_box(file, "jxlp")) return first_part->from(4);
  damaged_picture("there is no codestream in it");
}

}  // namespace

void inspect_jxl(const ByteView& file, Facts& /*facts*/) { inspect_codestream(codestream_of(file)); }

}  // namespace vaerans::image_io
