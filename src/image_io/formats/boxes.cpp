#include "image_io/formats/boxes.hpp"

namespace vaerans::image_io {

std::optional<Box> Boxes::next() {
  if (!bytes_.holds(at_, 8)) return std::nullopt;
  std::uint64_t length = bytes_.u32(at_), header = 8;
  if (length == 1 && bytes_.holds(at_, 16)) {
    length = bytes_.u64(at_ + 8);
    header = 16;
  }
  if (length == 0) length = bytes_.size() - at_;  // the last box reaches to the end
  if (length < header) return std::nullopt;
  const auto* letters = reinterpret_cast<const char*>(bytes_.bytes().data() + at_ + 4);
  // A file that is cut short still has its last box begun.
  const std::uint64_t there = std::min(length, bytes_.size() - at_);
  if (there < header) return std::nullopt;
  const Box box{{letters, 4}, bytes_.part(at_ + header, there - header)};
  at_ += there;
  return box;
}

std::optional<ByteView> find_box(const ByteView& bytes, std::string_view type) {
  Boxes boxes(bytes);
  while (const auto box = boxes.next())
    if (box->type == type) return box->content;
  return std::nullopt;
}

}  // namespace vaerans::image_io
