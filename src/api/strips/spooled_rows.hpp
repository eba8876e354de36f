// Lossy pictures whose rows come one after another: they wait in a file without a name until all are there.
#pragma once

#include <span>

#include "api/strips/picture_rows.hpp"
#include "base/files/spool.hpp"
#include "base/memory.hpp"

namespace vaerans {

class SpooledRows final : public PictureRows {
 public:
  explicit SpooledRows(const PictureKind& kind) : kind_(kind) {}
  /// The samples of the next rows.
  void add(std::span<const std::byte> samples);

  [[nodiscard]] PictureKind kind() const override { return kind_; }
  [[nodiscard]] ImageView rows(std::uint64_t y, std::uint64_t count) override;

 private:
  PictureKind kind_;
  Spool spool_;
  Bytes rows_;
};

/// The content of two chunks: the base stream, and the index of its tiles, where it has several.
struct BaseChunks {
  ByteBuffer base, index;
};
/// About the bytes of memory that base_of_quality() takes at least.
[[nodiscard]] std::uint64_t memory_of_quality(const PictureKind& kind, std::int64_t effort);
/// Those of the file that compress() makes in mode wavelet of one or three channels, in the memory of context.limits if
/// memory_of_quality() is within them.
[[nodiscard]] BaseChunks base_of_quality(PictureRows& picture, double quality, std::int64_t effort,
                                         const Context& context);

}  // namespace vaerans
