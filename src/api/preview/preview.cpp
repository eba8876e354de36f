#include "vaerans/preview.hpp"

#include <algorithm>

#include "api/file/chunks.hpp"
#include "api/parts/outline.hpp"
#include "api/preview/content.hpp"
#include "api/preview/shrunk.hpp"
#include "format/container.hpp"
#include "format/draft.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

constexpr std::uint64_t kAroundChunk = 1 + 3 + layout::crc_bytes;  ///< type, length, checksum

// ---- writing -----------------------------------------------------------------------------------------------------

ByteBuffer content_of(const Bytes& file, const Limits& limits) {
  const StoredFile parts = parse_container(std::as_bytes(std::span(file)), limits);
  ByteWriter out;
  write_source(out, parts.source);
  write_stream(out, parts.base);
  return out.take();
}

// The best that the wavelet coder makes of so many pixels in so many bytes; nothing where it does not fit.
std::optional<ByteBuffer> coded(const ImageView& picture, std::uint64_t side, std::uint64_t bytes,
                                const Context& context) {
  const std::uint64_t longer = std::max(picture.height, picture.width);
  const std::uint64_t most = std::min(side, longer);
  const auto scaled = [&](std::uint64_t extent) { return std::max<std::uint64_t>(1, extent * most / longer); };
  const Image small = shrunk(picture, scaled(picture.height), scaled(picture.width));
  CompressOptions options;
  options.mode = "wavelet";
  options.target_bytes = bytes;
  Context own = context;
  own.trace = nullptr;
  own.limits = {};
  try {
    return content_of(compress(small.view(), options, own), own.limits);
  } catch (const Error& error) {
    const bool does_not_fit = error.code() == ErrorCode::bad_parameter || error.code() == ErrorCode::invalid_argument ||
                              error.code() == ErrorCode::limit_exceeded;
    if (!does_not_fit) throw;
    return std::nullopt;
  }
}

// ---- reading -----------------------------------------------------------------------------------------------------

// Nothing for steps of a later version, or such as need more than the file.
std::optional<StoredFile> parsed(std::span<const std::byte> content, const Limits& limits) {
  ByteReader in(content, "chunk 'preview'");
  StoredFile out;
  out.source = read_source(in, limits);
  try {
    out.base = read_stream(in, limits);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unknown_system) throw;
    return std::nullopt;
  }
  const bool alone =
      std::ranges::none_of(out.base.steps, [](const StoredStep& s) { return s.system->model().has_value(); });
  if (!alone || out.source.kind != Kind::image) return std::nullopt;
  return out;
}

Limits limits_of_previews(const Limits& given) {
  Limits out = given;
  out.max_side = std::min<std::uint64_t>(given.max_side, layout::max_preview_side);
  out.max_memory = std::min<std::uint64_t>(given.max_memory, std::uint64_t{64} << 20);
  return out;
}

}  // namespace

void require_preview_bytes(std::uint64_t bytes) {
  if (bytes >= least_preview_bytes && bytes <= most_preview_bytes) return;
  throw Error(ErrorCode::bad_parameter, "a preview takes " + std::to_string(least_preview_bytes) + " to " +
                                            std::to_string(most_preview_bytes) + " bytes, not " +
                                            std::to_string(bytes));
}

ByteBuffer preview_content(const ImageView& picture, std::uint64_t bytes, const Context& context) {
  require_preview_bytes(bytes);
  for (std::uint64_t side = preview_side; side >= 8; side /= 2) {
    auto content = coded(picture, side, bytes, context);
    if (content && content->size() + kAroundChunk <= bytes) return std::move(*content);
  }
  throw Error(ErrorCode::bad_parameter,
              "a preview of this picture does not fit into " + std::to_string(bytes) + " bytes; ask for more");
}

std::uint64_t stored_preview_bytes(std::span<const std::byte> content) {
  return stored_bytes(make_chunk(ChunkNumber::preview, content));
}

Bytes with_preview_content(std::span<const std::uint8_t> file, std::span<const std::byte> content,
                           const Limits& limits) {
  const Chunk chunk = make_chunk(ChunkNumber::preview, content);
  return with_chunks(file, [](const Chunk& one) { return one.is(ChunkNumber::preview); }, {&chunk, 1}, limits);
}

Bytes with_preview(std::span<const std::uint8_t> file, const ImageView& picture, std::uint64_t bytes,
                   const Context& context) {
  World::check_image(picture);
  return with_preview_content(file, preview_content(picture, bytes, context), context.limits);
}

std::optional<Image> preview_of(ByteSource& source, const Context& context) {
  Reader file(source);
  const Bytes front = file.take(0, layout::magic.size());
  if (is_draft(std::as_bytes(std::span(front)))) return std::nullopt;
  const Outline outline = outline_of(file);
  const Place* place = outline.find(ChunkNumber::preview);
  if (place == nullptr) return std::nullopt;
  if (place->bytes > most_preview_bytes) {
    throw Error(ErrorCode::limit_exceeded, "a preview of " + std::to_string(place->bytes) + " bytes; the limit is " +
                                               std::to_string(most_preview_bytes));
  }
  const Bytes content = checked_content(file, outline, *place);
  const Limits limits = limits_of_previews(context.limits);
  const auto stored = parsed(std::as_bytes(std::span(content)), limits);
  if (!stored) return std::nullopt;
  Context own = context;
  own.limits = limits;
  return decompress(write_container(*stored), own);
}

std::optional<Image> preview_of(std::span<const std::uint8_t> file, const Context& context) {
  return preview_of(*memory_source(file), context);
}

}  // namespace vaerans
