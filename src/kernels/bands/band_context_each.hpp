// What is around a coefficient, and the contexts that are made of it. Included once per instruction set like
// mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/bands/band_memory.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// A row of another band beside the row at work: `shift` says how much coarser it is. A band that is not there reads as
// zeros.
class OtherRow {
 public:
  HWY_INLINE void begin(BandPlane* band, int y, int shift) {
    static constexpr std::uint16_t kNothing = 0;
    static constexpr std::int8_t kNoSign = 0;
    shift_ = shift;
    last_ = 0;
    magnitudes_ = around_ = &kNothing;
    signs_ = &kNoSign;
    if (band == nullptr || band->empty()) return;
    const int row = std::min(y >> shift, band->height() - 1);
    last_ = band->width() - 1;
    magnitudes_ = band->magnitudes(row);
    around_ = band->around(row);
    signs_ = band->signs(row);
  }
  HWY_INLINE void look(int x) { at_ = std::min(x >> shift_, last_); }
  [[nodiscard]] HWY_INLINE int here() const { return magnitudes_[at_]; }
  [[nodiscard]] HWY_INLINE int around() const { return around_[at_]; }
  [[nodiscard]] HWY_INLINE int sign() const { return signs_[at_] + 1; }

 private:
  const std::uint16_t *magnitudes_ = nullptr, *around_ = nullptr;
  const std::int8_t* signs_ = nullptr;
  int shift_ = 0, last_ = 0, at_ = 0;
};

// ⌊log2 v⌋ of v ≥ 1.
HWY_INLINE int octave_of(int v) { return static_cast<int>(std::bit_width(static_cast<std::uint32_t>(v))) - 1; }

// Eight classes of a magnitude or a sum of them.
HWY_INLINE int class_of(int v) {
  if (v < 3) return v;
  return 3 + static_cast<int>(v >= 5) + static_cast<int>(v >= 9) + static_cast<int>(v >= 17) +
         static_cast<int>(v >= 40);
}

// A place between two classes of an expected magnitude (256ths): the lower one, and how far it is, of 1024.
struct ClassPlace {
  int index = 0, part = 0;

  HWY_INLINE explicit ClassPlace(int expected) {
    const int v = std::min(expected, 65535) + 4, octave = octave_of(v);
    const int place = (octave - 2) * 4096 + (v << 12 >> octave & 4095);
    const int limited = std::min(place, (bands::kClasses - 1) * 1024 - 1);
    index = limited >> 10;
    part = limited & 1023;
  }
};

// Which band it is, in the words of the contexts.
struct BandRole {
  int channel = 0, orientation = 0;  // HL, LH, HH
  int level_class = 0;               // 0 for the finest level, to 3
  int quantizer = 0;                 // the one that the coefficient at work has
  [[nodiscard]] int set() const { return (channel * 4 + level_class) * 2 + (orientation == 2 ? 1 : 0); }
  // The set of what the quantisers do not share.
  [[nodiscard]] int own_set() const { return quantizer * bands::kSets + set(); }
};

class BandContext {
 public:
  OtherRow parent, first, second, luma, chroma;  // this plane coarser, HL, LH; Y (of Y: two coarser); Cg

  // Magnitudes of the band at work around place x of its row; 0 if nothing is anywhere around.
  HWY_INLINE int look(const std::uint16_t* m, std::ptrdiff_t stride, int x) {
    for (OtherRow* row : {&parent, &first, &second, &luma, &chroma}) row->look(x);
    const std::uint16_t* const n = m - stride;
    const std::uint16_t* const nn = n - stride;
    w_ = m[-1];
    n_ = n[0];
    nw_ = n[-1];
    ne_ = n[1];
    ww_ = m[-2];
    nn_ = nn[0];
    far_ = nn[-1] + nn[1] + n[-2] + n[2];
    own_ = 2 * (w_ + n_) + nw_ + ne_;
    return own_ + ww_ + nn_ + far_ + parent.here() + parent.around() + first.here() + first.around() + second.here() +
           second.around() + luma.here() + luma.around() + chroma.here() + chroma.around();
  }

  // Expected magnitudes, 256ths: by all that is known, and by the nearest alone.
  [[nodiscard]] HWY_INLINE ClassPlace expected(const BandRole& role) const {
    const bool rows = role.orientation == 1;  // structures of LH run along rows, those of HL along columns
    const int along = rows ? w_ : n_, along2 = rows ? ww_ : nn_;
    const int across = rows ? n_ : w_, across2 = rows ? nn_ : ww_;
    int sum = 56 * along + 12 * along2 + 46 * across + 4 * across2 + 10 * nw_ + 20 * ne_ + 2 * far_;
    sum += 13 * parent.here() + 2 * parent.around();
    sum += 5 * (first.here() + second.here());
    if (role.channel != 0) sum += luma.around() + 24 * chroma.here();
    return ClassPlace(sum + 10);
  }
  [[nodiscard]] HWY_INLINE ClassPlace nearby() const {
    return ClassPlace((62 * (w_ + n_) + 31 * (nw_ + ne_) + 15 * (ww_ + nn_) + 62 * parent.here()) +
                      4 * parent.around() + 5);
  }

  // Contexts of the counters, given the class of what is expected.
  [[nodiscard]] HWY_INLINE std::array<int, bands::kCounters> counters(const BandRole& role, int expected) const {
    const int e16 = std::min(15, expected / 3), e8 = e16 >> 1;
    const bool rows = role.orientation == 1;
    const int across = rows ? n_ : w_, along = rows ? w_ : n_;
    const int beyond = nn_ + ww_;
    const int small = std::min(across, 3) * 4 + std::min(along, 3);
    const int other = role.channel != 0 ? class_of(luma.here()) * 8 + class_of(luma.around() >> 1)
                                        : class_of(far_) * 8 + class_of(own_);
    int third = luma.around() >> 1;
    if (role.channel == 1) third = own_;
    if (role.channel == 2) third = chroma.here() * 2 + (chroma.around() >> 2);
    return {e16 * 8 + class_of(luma.here() + chroma.here()) + 128 * std::min(3, role.orientation),
            (class_of(across) * 8 + class_of(along)) * 8 + class_of(nw_ + ne_),
            (class_of(parent.here()) * 8 + class_of(parent.around() >> 1)) * 8 + class_of(own_),
            (class_of(first.here()) * 8 + class_of(first.around() >> 1)) * 8 +
                class_of(role.orientation == 2 ? second.here() + (second.around() >> 2) : own_),
            other * 8 + class_of(third),
            (small * 4 + std::min(nw_, 3)) * 4 + std::min(ne_, 3) + 256 * (parent.here() > 0 ? 1 : 0),
            (e8 * 4 + std::min(parent.here(), 3)) * 16 + small,
            (class_of(beyond) * 8 + class_of(far_)) * 8 +
                (role.channel != 0 ? e8 : class_of(first.here() + second.here() + parent.here()))};
  }

 private:
  int w_ = 0, n_ = 0, nw_ = 0, ne_ = 0, ww_ = 0, nn_ = 0, far_ = 0, own_ = 0;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
