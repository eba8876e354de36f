// Parts of pictures, and what is left of damaged files: tile by tile where the file has tiles, else the whole, cut.
#include "vaerans/partial.hpp"

#include <algorithm>

#include "api/file_context.hpp"
#include "api/parts/regions.hpp"
#include "api/parts/tiled_picture.hpp"
#include "format/container.hpp"
#include "format/draft.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

// The file without what is damaged in it.
Bytes salvaged(const Bytes& file, const Context& context, std::vector<std::string>& problems) {
  const auto bytes = std::as_bytes(std::span(file));
  Frame frame = scan_frame(bytes, context.limits);
  problems = faults_of(frame);
  const Chunk* base = frame.find(ChunkNumber::base);
  if (base == nullptr || !base->fault.empty()) {
    throw Error(ErrorCode::corrupt_stream, "the base stream is damaged or missing, and nothing of it decodes alone" +
                                               (problems.empty() ? "" : " (" + problems.front() + ")"));
  }
  std::erase_if(frame.chunks, [](const Chunk& chunk) { return !chunk.fault.empty(); });
  return write_frame(source_of(frame.header, context.limits, file.size()), frame.chunks);
}

PicturePart decode_whole(Reader& file, const PartOptions& options, const Context& context) {
  PicturePart out;
  Bytes bytes = file.take_all(context.limits);
  if (options.allow_partial && !is_draft(std::as_bytes(std::span(bytes)))) {
    const Bytes kept = salvaged(bytes, context, out.problems);
    if (!out.problems.empty()) bytes = kept;
  }
  Image image = decompress(bytes, out.problems.empty() ? context : for_some_of(context));
  const Region all{0, 0, image.width, image.height};
  const Region region = options.region.value_or(all);
  require_within(region, image.height, image.width);
  if (region == all) {
    out.image = std::move(image);
    return out;
  }
  out.image = blank(region, image.channels, image.dtype);
  paste(image, all, region, out.image);
  out.image.metadata = std::move(image.metadata);
  return out;
}

std::optional<PicturePart> decode_tiles(Reader& file, const PartOptions& options, const Context& context) {
  const auto picture = TiledPicture::open(file, options.allow_partial, context.limits);
  if (!picture) return std::nullopt;
  const Region region = options.region.value_or(Region{0, 0, picture->width(), picture->height()});
  require_within(region, picture->height(), picture->width());
  return picture->decode(file, region, options.allow_partial, context);
}

}  // namespace

PicturePart decompress_part(ByteSource& source, const PartOptions& options, const Context& context) {
  Reader file(source);
  Context raising = file_context(context);
  raising.on_error = OnError::raise;
  auto out = decode_tiles(file, options, raising);
  if (!out) out = decode_whole(file, options, raising);
  out->bytes_read = std::min(file.bytes_read(), file.size());  // some are read twice
  return std::move(*out);
}

}  // namespace vaerans
