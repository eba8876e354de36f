#include "api/file/pending_chunks.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/checksum.hpp"
#include "format/padding.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

// Bytes on their way to the sink.
class FileWriter {
 public:
  FileWriter(ByteSink& out, const ByteBuffer& header) : out_(out), header_(header) { put(header); }

  void chunk(const PendingChunk& pending, bool last) {
    ByteWriter head;
    write_chunk_head(head, pending.head, pending.bytes(), last);
    checksum_ = crc32_of(header_);
    put(head.bytes());
    put(pending.content);
    if (pending.rest != nullptr) put(*pending.rest);
    ByteWriter sum;
    sum.u32(checksum_);
    put(sum.bytes());
  }
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  void put(std::span<const std::byte> bytes) {
    checksum_ = crc32_of(bytes, checksum_);
    out_.write({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    written_ += bytes.size();
  }
  void put(const Spool& spool) {
    Bytes block(std::min<std::uint64_t>(spool.size(), std::uint64_t{1} << 20));
    for (std::uint64_t at = 0; at < spool.size(); at += block.size()) {
      block.resize(std::min<std::uint64_t>(block.size(), spool.size() - at));
      spool.read(at, block);
      put(std::as_bytes(std::span(block)));
    }
  }

  ByteSink& out_;
  const ByteBuffer& header_;
  std::uint32_t checksum_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace

std::uint64_t write_pending(const Spec& source, std::vector<PendingChunk> chunks, const Limits& limits, ByteSink& out) {
  std::ranges::sort(chunks, {}, [](const PendingChunk& chunk) { return place_of(chunk.head); });
  ByteWriter header;
  write_header(header, source);
  std::uint64_t size = header.bytes().size();
  for (const PendingChunk& chunk : chunks) size += stored_bytes(chunk.head, chunk.bytes());
  if (ByteBuffer zeros(padding_for(pixels_of(source), size)); !zeros.empty())
    chunks.push_back({padding_chunk({}), std::move(zeros)});
  if (size > limits.max_file_bytes) {
    throw Error(ErrorCode::limit_exceeded, "the file would have " + std::to_string(size) + " bytes; the limit is " +
                                               std::to_string(limits.max_file_bytes));
  }
  FileWriter file(out, header.bytes());
  for (const PendingChunk& chunk : chunks) file.chunk(chunk, &chunk == &chunks.back());
  return file.written();
}

}  // namespace vaerans
