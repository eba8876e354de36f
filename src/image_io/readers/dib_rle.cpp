#include "image_io/readers/dib_rle.hpp"

namespace vaerans::image_io {
namespace {

[[noreturn]] void damaged(const std::string& what) { damaged_picture("BMP: " + what); }

/// Goes through pairs of bytes: a run of one number (or of two in turn, with four bits), or zero and a command.
class Runs {
 public:
  Runs(const Dib& dib, const ByteView& raster, bool tolerant, Samples& samples)
      : dib_(dib), raster_(raster), tolerant_(tolerant), samples_(samples), four_(dib.coding == Dib::Coding::rle4) {}

  void read() {
    fill();
    while (step()) continue;
    if (!finished_ && !tolerant_ && y_ < dib_.height) damaged("its runs end before the picture does");
  }

 private:
  enum Command : std::uint8_t { end_of_row = 0, end_of_picture = 1, move = 2 };

  void fill() {
    const unsigned each = samples_.channels;
    for (std::size_t at = 0; at < samples_.data.size(); at += each) dib_.palette.put(0, &samples_.data[at], each, true);
  }
  /// False at the end.
  bool step() {
    if (!raster_.holds(at_, 2)) return false;
    const std::uint8_t count = raster_.u8(at_), value = raster_.u8(at_ + 1);
    at_ += 2;
    if (count > 0) return run(count, value);
    switch (value) {
      case end_of_row: return x_ = 0, ++y_, true;
      case end_of_picture: return finished_ = true, false;
      case move: return jump();
      default: return literal(value);
    }
  }
  /// With four bits, a byte holds two numbers in turn.
  [[nodiscard]] unsigned number_in(unsigned byte, unsigned i) const {
    if (!four_) return byte;
    return i % 2 == 0 ? byte >> 4 : byte & 15U;
  }
  bool run(unsigned count, std::uint8_t value) {
    for (unsigned i = 0; i < count; ++i) put(number_in(value, i));
    return true;
  }
  bool jump() {
    if (!raster_.holds(at_, 2)) return false;
    x_ += raster_.u8(at_);
    y_ += raster_.u8(at_ + 1);
    at_ += 2;
    return true;
  }
  bool literal(unsigned count) {
    const std::uint64_t bytes = four_ ? (count + 1) / 2 : count;
    if (!raster_.holds(at_, bytes)) return false;
    for (unsigned i = 0; i < count; ++i) {
      const unsigned byte = raster_.u8(at_ + (four_ ? i / 2 : i));
      put(number_in(byte, i));
    }
    at_ += bytes + bytes % 2;
    return true;
  }
  void put(unsigned number) {
    if (x_ >= dib_.width || y_ >= dib_.height) {
      if (tolerant_) return;
      damaged("a run leaves the picture");
    }
    const std::uint64_t row = dib_.from_top(y_);
    const unsigned each = samples_.channels;
    dib_.palette.put(number, &samples_.data[(row * dib_.width + x_++) * each], each, tolerant_);
  }

  const Dib& dib_;
  const ByteView& raster_;
  bool tolerant_;
  Samples& samples_;
  bool four_, finished_ = false;
  std::uint64_t at_ = 0, x_ = 0, y_ = 0;
};

}  // namespace

void read_dib_runs(const Dib& dib, const ByteView& raster, bool tolerant, Samples& samples) {
  Runs(dib, raster, tolerant, samples).read();
}

}  // namespace vaerans::image_io
