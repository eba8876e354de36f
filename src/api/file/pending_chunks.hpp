// A file that is written from front to end, of which a part waits in a spool.
#pragma once

#include <span>
#include <vector>

#include "base/files/spool.hpp"
#include "base/memory.hpp"
#include "format/chunks.hpp"
#include "vaerans/rows.hpp"

namespace vaerans {

/// A chunk that is about to be written: what it begins with, and what is still in a spool.
struct PendingChunk {
  Chunk head;  ///< with no content
  ByteBuffer content;
  const Spool* rest = nullptr;
  [[nodiscard]] std::uint64_t bytes() const { return content.size() + (rest == nullptr ? 0 : rest->size()); }
};

/// Writes header and chunks, these in the order that files have them in, with padding as write_frame() does, and gives
/// the file's size. Throws Error(limit_exceeded) before anything is written, and what the sink throws.
std::uint64_t write_pending(const Spec& source, std::vector<PendingChunk> chunks, const Limits& limits, ByteSink& out);

}  // namespace vaerans
