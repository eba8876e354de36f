// JPEG XL: whether it is an animation (ISO/IEC 18181-1: the image header's first bits).
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
  /// The standard's U32: two bits choose among four numbers of bits.
  void skip_one_of(unsigned a, unsigned b, unsigned c, unsigned d) {
    const unsigned widths[] = {a, b, c, d};
    (void)take(widths[take(2)]);
  }

 private:
  ByteView bytes_;
  std::uint64_t at_ = 0;
};

void skip_side(Bits& bits, bool by_eights) {
  if (by_eights)
    (void)bits.take(5);
  else
    bits.skip_one_of(9, 13, 18, 30);
}

void skip_size(Bits& bits) {
  const bool by_eights = bits.flag();
  skip_side(bits, by_eights);
  if (bits.take(3) == 0) skip_side(bits, by_eights);  // otherwise the width is a ratio of the height
}

void skip_preview(Bits& bits) {
  const bool by_eights = bits.flag();
  const auto side = [&] { by_eights ? bits.skip_one_of(0, 0, 5, 9) : bits.skip_one_of(6, 8, 10, 12); };
  side();
  if (bits.take(3) == 0) side();
}

bool is_animation(const ByteView& codestream) {
  Bits bits(codestream.from(2));
  skip_size(bits);
  if (bits.flag()) return false;  // all by default
  if (!bits.flag()) return false;
  (void)bits.take(3);  // orientation
  if (bits.flag()) skip_size(bits);
  if (bits.flag()) skip_preview(bits);
  return bits.flag();
}

ByteView codestream_of(const ByteView& file) {
  if (file.u8(0) == 0xFF) return file;
  if (const auto whole = find_box(file, "jxlc")) return *whole;
  if (const auto first_part = find_box(file, "jxlp")) return first_part->from(4);
  throw Error(ErrorCode::image_unreadable, "damaged or cut short (there is no codestream in it)");
}

}  // namespace

void inspect_jxl(const ByteView& file, Facts& /*facts*/) {
  // libvips may give its last frame instead of its first.
  if (is_animation(codestream_of(file))) refuse_picture("an animation (JPEG XL); vaerans takes one picture");
}

}  // namespace vaerans::image_io
