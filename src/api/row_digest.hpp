// Rows of a picture held against the digest in its file, as they come: it is a hash of the samples row by row.
#pragma once

#include <optional>

#include "base/checksum.hpp"
#include "vaerans/api.hpp"

namespace vaerans {

class RowDigest {
 public:
  /// The picture has so many rows, and so many channels besides alpha, about which the digest says nothing.
  RowDigest(const Digest& promised, std::uint64_t height, std::uint32_t colors)
      : promised_(promised), height_(height), colors_(colors) {}

  /// Rows that begin `top` rows below the picture's upper edge: the next ones, or such as were there before. Throws
  /// Error(base_mismatch) with the last rows where the picture is another one.
  void take(const Image& rows, std::uint64_t top);

 private:
  void add(const Image& rows);

  Digest promised_;
  std::uint64_t height_;
  std::uint32_t colors_;
  std::uint64_t next_ = 0;
  Sha256 hash_;
  std::optional<bool> same_;
};

}  // namespace vaerans
