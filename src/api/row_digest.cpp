#include "api/row_digest.hpp"

#include <cstring>

#include "api/layers.hpp"

namespace vaerans {

void RowDigest::take(const Image& rows, std::uint64_t top) {
  if (top == next_) add(rows);
  if (next_ < height_) return;
  if (!same_) same_ = digest_of(hash_) == promised_;
  if (!*same_) throw another_picture();
}

void RowDigest::add(const Image& rows) {
  const auto samples = std::as_bytes(std::span(rows.rgb));
  const std::size_t pixel = rows.view().pixel_bytes(), own = pixel / rows.channels * colors_;
  next_ += rows.height;
  if (own == pixel) {
    hash_.add(samples);
    return;
  }
  std::vector<std::byte> row(rows.width * own);
  for (std::uint64_t y = 0; y < rows.height; ++y) {
    for (std::uint64_t x = 0; x < rows.width; ++x)
      std::memcpy(row.data() + x * own, samples.data() + (y * rows.width + x) * pixel, own);
    hash_.add(row);
  }
}

}  // namespace vaerans
