// Where the rows of a picture come from, for encoders that look at some of them at a time.
#pragma once

#include "vaerans/rows.hpp"

namespace vaerans {

class PictureRows {
 public:
  PictureRows() = default;
  PictureRows(const PictureRows&) = delete;
  PictureRows& operator=(const PictureRows&) = delete;
  virtual ~PictureRows() = default;
  [[nodiscard]] virtual PictureKind kind() const = 0;
  /// `count` rows from row `y` on, as often as they are wanted; they stay until the next call. Throws Error(io).
  [[nodiscard]] virtual ImageView rows(std::uint64_t y, std::uint64_t count) = 0;
};

/// Those of a picture in memory, which must outlive this.
class RowsInMemory final : public PictureRows {
 public:
  explicit RowsInMemory(const ImageView& picture) : picture_(picture) {}
  [[nodiscard]] PictureKind kind() const override {
    return {picture_.height, picture_.width, picture_.channels, picture_.dtype};
  }
  [[nodiscard]] ImageView rows(std::uint64_t y, std::uint64_t count) override {
    ImageView out = picture_;
    out.data += y * picture_.stride();
    out.height = count;
    return out;
  }

 private:
  ImageView picture_;
};

}  // namespace vaerans
