#include "format/container.hpp"

#include <algorithm>

#include "format/draft.hpp"
#include "format/layout.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

// ---- writing -----------------------------------------------------------------------------------------------------

ByteBuffer stream_bytes(const StoredStream& stream) {
  ByteWriter out;
  write_stream(out, stream);
  return out.take();
}

ByteBuffer residual_bytes(const StoredFile& file) {
  ByteWriter out;
  out.u8(file.lossless ? 1 : 0);
  out.raw(file.base_digest.value());
  out.raw(file.source_digest);
  write_stream(out, *file.residual);
  return out.take();
}

// ---- reading -----------------------------------------------------------------------------------------------------

// Refuses a chunk that this version does not know and would have to.
void require_known(const Chunk& chunk) {
  const std::size_t place = place_of(chunk);
  if (place == layout::chunk_rules.size()) {
    if (!chunk.needed) return;
    throw Error(ErrorCode::unsupported_version,
                "the file cannot be decoded without its chunk '" + chunk_name(chunk) +
                    "', which this build does not know; update vaerans, or get the plugin of that name");
  }
  if (chunk.needed != layout::chunk_rules[place].needed) corrupt_chunk(chunk, "it is marked wrongly as needed or not");
}

void read_residual(ByteReader& in, const Limits& limits, StoredFile& out) {
  const std::uint8_t lossless = in.u8();
  if (lossless > 1) in.corrupt("a residual that is neither lossless nor lossy");
  out.lossless = lossless == 1;
  if (out.base_digest) in.corrupt("a digest beside that of a residual");
  out.base_digest = read_digest(in);
  out.source_digest = read_digest(in);
  out.residual = read_stream(in, limits);
}

void read_chunk(const Chunk& chunk, const Limits& limits, StoredFile& out) {
  const std::string name = "chunk '" + chunk_name(chunk) + "'";
  ByteReader in(chunk.content, name);
  if (chunk.is(ChunkNumber::base)) {
    out.base = read_stream(in, limits);
  } else if (chunk.is(ChunkNumber::residual)) {
    read_residual(in, limits, out);
  } else if (chunk.is(ChunkNumber::alpha)) {
    out.alpha = read_stream(in, limits);
  } else if (chunk.is(ChunkNumber::digest)) {
    if (out.base_digest) in.corrupt("a digest beside that of a residual");
    out.base_digest = digest_in(chunk.content);
  } else {
    out.others.push_back(chunk);
  }
}

void require_single(std::span<const Chunk> chunks) {
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const auto same = [&](const Chunk& c) { return c.number == chunks[i].number && c.name == chunks[i].name; };
    if (std::any_of(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      corrupt_chunk(chunks[i], "there is one already");
    }
  }
}

void require_sense(const StoredFile& file) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::corrupt_stream, "the file: " + what); };
  if (file.base.steps.empty()) refuse("there is no chunk 'base'");
  if (file.source.kind == Kind::image) return;
  if (file.base_digest || file.alpha) refuse("a latent with what belongs to pictures");
}

}  // namespace

Digest read_digest(ByteReader& in) {
  Digest out;
  std::ranges::copy(in.take(out.size()), out.begin());
  return out;
}

Digest digest_in(std::span<const std::byte> content) {
  ByteReader in(content, "chunk 'digest'");
  const Digest out = read_digest(in);
  in.expect_end();
  return out;
}

Spec alpha_source(const Spec& picture) {
  return {Kind::image, picture.dtype, Shape{picture.shape[0], picture.shape[1], 1}, {}};
}

std::vector<std::uint8_t> write_container(const StoredFile& file) {
  std::vector<Chunk> chunks = file.others;
  const ByteBuffer base = stream_bytes(file.base);
  chunks.push_back(make_chunk(ChunkNumber::base, base));
  const ByteBuffer residual = file.residual ? residual_bytes(file) : ByteBuffer{};
  if (file.residual) chunks.push_back(make_chunk(ChunkNumber::residual, residual));
  const ByteBuffer alpha = file.alpha ? stream_bytes(*file.alpha) : ByteBuffer{};
  if (file.alpha) chunks.push_back(make_chunk(ChunkNumber::alpha, alpha));
  if (file.base_digest && !file.residual) chunks.push_back(make_chunk(ChunkNumber::digest, *file.base_digest));
  sort_chunks(chunks);
  return write_frame(file.source, chunks);
}

void require_understood(const Frame& frame) {
  require_single(frame.chunks);
  for (const Chunk& chunk : frame.chunks) {
    if (chunk.fault.empty()) require_known(chunk);
  }
}

StoredFile parse_frame(const Frame& frame, const Limits& limits, std::uint64_t file_bytes) {
  require_understood(frame);
  StoredFile out;
  out.source = source_of(frame.header, limits, file_bytes);
  for (const Chunk& chunk : frame.chunks) {
    if (chunk.fault.empty()) read_chunk(chunk, limits, out);
  }
  require_sense(out);
  return out;
}

StoredFile parse_container(std::span<const std::byte> bytes, const Limits& limits) {
  if (is_draft(bytes)) return parse_draft(bytes, limits);
  const Frame frame = intact_frame(bytes, limits);
  return parse_frame(frame, limits, bytes.size());
}

}  // namespace vaerans
