// The boxes of ISO base media files (HEIF, AVIF), JPEG 2000 and JPEG XL: length, four letters, content.
#pragma once

#include <algorithm>
#include <optional>

#include "image_io/formats/byte_view.hpp"

namespace vaerans::image_io {

struct Box {
  std::string_view type;
  ByteView content;
};

/// Goes through the boxes of `bytes` in order; ends where they end or make no sense.
class Boxes {
 public:
  explicit Boxes(const ByteView& bytes) : bytes_(bytes) {}
  [[nodiscard]] std::optional<Box> next();

 private:
  ByteView bytes_;
  std::uint64_t at_ = 0;
};

/// The first box of that type.
[[nodiscard]] std::optional<ByteView> find_box(const ByteView& bytes, std::string_view type);

}  // namespace vaerans::image_io
