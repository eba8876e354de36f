// Parts of pictures. A tile of the pixel coder is a whole picture to its decoder: each that is wanted becomes a small
// file of its own, these are decoded as a batch, and their pixels put where they belong.
#include "vaerans/partial.hpp"

#include <algorithm>
#include <cstring>

#include "api/file/metadata_fields.hpp"
#include "api/file/tiles.hpp"
#include "format/container.hpp"
#include "format/draft.hpp"
#include "format/packed.hpp"
#include "vaerans/file.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

// ---- reading in pieces -------------------------------------------------------------------------------------------

class Reader {
 public:
  explicit Reader(ByteSource& source) : source_(source), size_(source.size()) {}
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return read_; }
  /// As many bytes as there are, up to `most`.
  Bytes take(std::uint64_t offset, std::uint64_t most) {
    Bytes out(offset < size_ ? std::min(most, size_ - offset) : 0);
    if (!out.empty()) source_.read(offset, out);
    read_ += out.size();
    return out;
  }

 private:
  ByteSource& source_;
  std::uint64_t size_, read_ = 0;
};

// Where a chunk's content lies in the file.
struct Place {
  std::uint8_t number = 0;
  bool needed = false;
  std::uint64_t begin = 0, content = 0, bytes = 0;  ///< the chunk's and its content's places, the content's size
  [[nodiscard]] bool is(ChunkNumber n) const { return number == static_cast<std::uint8_t>(n); }
};

struct Outline {
  Bytes header;
  Header parsed;  ///< its spans point into `header`
  std::vector<Place> chunks;
  [[nodiscard]] const Place* find(ChunkNumber number) const {
    const auto found = std::ranges::find_if(chunks, [&](const Place& p) { return p.is(number); });
    return found == chunks.end() ? nullptr : &*found;
  }
};

// Finds the chunks by their heads alone; stops where the file is cut or makes no sense.
void find_chunks(Reader& file, Outline& out) {
  constexpr std::uint64_t most_head = 1 + 2 + layout::max_name + 10;
  for (std::uint64_t at = out.header.size(); out.chunks.size() < layout::max_chunks;) {
    const Bytes head = file.take(at, most_head);
    ByteReader in(std::as_bytes(std::span(head)), "file");
    try {
      const std::uint8_t type = in.u8();
      Place place{.number = static_cast<std::uint8_t>(type & layout::chunk_number_bits),
                  .needed = (type & layout::chunk_needed) != 0,
                  .begin = at};
      if (place.is(ChunkNumber::named)) (void)in.text(layout::max_name, "a name of");
      place.bytes = in.varint();
      place.content = at + in.at();
      out.chunks.push_back(place);
      if ((type & layout::chunk_last) != 0 || place.bytes > file.size()) return;
      at = place.content + place.bytes + layout::crc_bytes;
    } catch (const Error&) {
      return;
    }
  }
}

Outline outline_of(Reader& file) {
  Outline out;
  const Bytes front = file.take(0, 64);
  ByteReader in(std::as_bytes(std::span(front)), "file");
  (void)read_header(in, std::as_bytes(std::span(front)));
  out.header.assign(front.begin(), front.begin() + static_cast<std::ptrdiff_t>(in.at()));
  ByteReader again(std::as_bytes(std::span(out.header)), "file");
  out.parsed = read_header(again, std::as_bytes(std::span(out.header)));
  find_chunks(file, out);
  return out;
}

// ---- tiles -------------------------------------------------------------------------------------------------------

struct Tiled {
  Bytes head;  ///< the base's content up to the first tile
  std::vector<StoredStep> steps;
  std::vector<TileArea> areas;
  TileBytes where;
};

// Nothing where the base is no stream of several tiles, or its head is not there.
std::optional<Tiled> tiled_base(Reader& file, const Place& base, const Spec& source, const Limits& limits) {
  for (std::uint64_t most = 1024;; most *= 8) {
    Tiled out;
    out.head = file.take(base.content, std::min(most, base.bytes));
    ByteReader in(std::as_bytes(std::span(out.head)), "chunk 'base'");
    try {
      out.steps = read_steps(in, limits);
      out.areas = stream_tiles(source, out.steps);
      if (out.areas.empty() || out.areas.size() > base.bytes) return std::nullopt;
      out.where = read_tile_sizes(in, out.areas.size());
      out.head.resize(out.where.head);
      return out;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::corrupt_stream || out.head.size() < most) return std::nullopt;
    }
  }
}

// A chunk's content, held against its checksum. Throws Error(corrupt_stream).
Bytes checked_content(Reader& file, const Outline& outline, const Place& place) {
  const std::uint64_t bytes = place.content + place.bytes - place.begin;
  Bytes chunk = file.take(place.begin, bytes + layout::crc_bytes);
  const auto all = std::as_bytes(std::span(chunk));
  const auto header = std::as_bytes(std::span(outline.header));
  if (all.size() != bytes + layout::crc_bytes ||
      ByteReader(all.subspan(bytes), "checksum").u32() != part_checksum(header, all.first(bytes))) {
    throw Error(ErrorCode::corrupt_stream, "chunk " + std::to_string(place.number) + " from byte " +
                                               std::to_string(place.begin) + " on: the checksum does not match");
  }
  chunk.resize(bytes);
  chunk.erase(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(place.content - place.begin));
  return chunk;
}

// Nothing where the file has none. Throws Error(corrupt_stream) where it, the header or the head of the base is
// damaged.
std::optional<TileIndex> index_of(Reader& file, const Outline& outline, const Tiled& tiled) {
  const Place* place = outline.find(ChunkNumber::tiles);
  if (place == nullptr) return std::nullopt;
  const Bytes content = checked_content(file, outline, *place);
  TileIndex index = read_tile_index(std::as_bytes(std::span(content)));
  const auto header = std::as_bytes(std::span(outline.header));
  const bool fits = index.head == tiled.head.size() && index.checksums.size() == tiled.areas.size() &&
                    index.head_checksum == part_checksum(header, std::as_bytes(std::span(tiled.head)));
  if (!fits) throw Error(ErrorCode::corrupt_stream, "the tile index does not fit the base stream, which is damaged");
  return index;
}

PictureMetadata metadata_in(Reader& file, const Outline& outline) {
  PictureMetadata out;
  for (const auto& [number, member] : metadata_fields) {
    const Place* place = outline.find(number);
    if (place == nullptr) continue;
    const Bytes content = checked_content(file, outline, *place);
    if (auto data = unpack(std::as_bytes(std::span(content)), "metadata")) out.*member = std::move(*data);
  }
  return out;
}

Region region_of(const TileArea& area) {
  return {area.left, area.top, static_cast<std::uint64_t>(area.width), static_cast<std::uint64_t>(area.height)};
}

Region common(const Region& a, const Region& b) {
  const std::uint64_t x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  const std::uint64_t right = std::min(a.x + a.width, b.x + b.width), below = std::min(a.y + a.height, b.y + b.height);
  if (right <= x || below <= y) return {};
  return {x, y, right - x, below - y};
}

// A black picture of a region, of the kind of another.
Image blank(const Region& region, std::uint32_t channels, DType dtype) {
  Image out{region.height, region.width, {}};
  out.channels = channels;
  out.dtype = dtype;
  out.rgb.resize(region.height * region.width * out.view().pixel_bytes());
  return out;
}

// Puts what both have in common into the picture of `region`, which is of the same kind.
void paste(const Image& from, const Region& at, const Region& region, Image& into) {
  const Region both = common(at, region);
  const std::uint64_t pixel = into.view().pixel_bytes();
  for (std::uint64_t y = both.y; y < both.y + both.height; ++y) {
    std::memcpy(into.rgb.data() + pixel * ((y - region.y) * region.width + both.x - region.x),
                from.rgb.data() + pixel * ((y - at.y) * at.width + both.x - at.x), pixel * both.width);
  }
}

// A tile that is wanted, as a file of its own.
struct Wanted {
  std::size_t tile = 0;
  Bytes file = {};
  std::string problem = {};
};

Bytes file_of_tile(const Tiled& tiled, std::size_t i, const Bytes& bytes, DType dtype, std::uint64_t channels) {
  ByteWriter payload;
  payload.varint(bytes.size());
  payload.raw(std::as_bytes(std::span(bytes)));
  const Region area = region_of(tiled.areas[i]);
  StoredFile file;
  file.source = {Kind::image, dtype, Shape{area.height, area.width, channels}, {}};
  file.base = {tiled.steps, payload.bytes()};
  return write_container(file);
}

class TileDecoder {
 public:
  TileDecoder(Reader& file, const Outline& outline, const Spec& source, Tiled tiled, const PartOptions& options,
              const Context& context)
      : file_(file), source_(source), tiled_(std::move(tiled)), options_(options), context_(context) {
    tolerate([&] { index_ = index_of(file, outline, tiled_); });
    tolerate([&] { metadata_ = metadata_in(file, outline); });
    header_ = outline.header;
    base_ = *outline.find(ChunkNumber::base);
  }

  PicturePart decode(const Region& region) {
    PicturePart out;
    out.image = blank(region, static_cast<std::uint32_t>(source_.shape[2]), source_.dtype);
    out.image.metadata = metadata_;
    out.problems = problems_;
    std::vector<Wanted> wanted = read(region);
    decode_all(wanted, region, out);
    for (const Wanted& w : wanted) note(w, region, out);
    return out;
  }

 private:
  // Damage beside the tiles, which costs none of them.
  template <typename Work>
  void tolerate(Work work) {
    try {
      work();
    } catch (const Error& error) {
      if (!options_.allow_partial) throw;
      problems_.emplace_back(error.what());
    }
  }

  std::vector<Wanted> read(const Region& region) {
    std::vector<Wanted> out;
    std::uint64_t at = base_.content + tiled_.where.head;
    for (std::size_t i = 0; i < tiled_.areas.size(); ++i) {
      const std::uint64_t size = tiled_.where.sizes[i];
      if (common(region_of(tiled_.areas[i]), region).width != 0) out.push_back(read_tile(i, at, size));
      at += std::min(size, file_.size());
    }
    return out;
  }

  Wanted read_tile(std::size_t i, std::uint64_t at, std::uint64_t size) {
    Wanted out;
    out.tile = i;
    const bool there = size <= base_.bytes && at <= file_.size() && size <= file_.size() - at;
    const Bytes bytes = there ? file_.take(at, size) : Bytes{};
    if (!there || size == 0) {
      out.problem = "the file is cut short";
    } else if (index_ && index_->checksums[i] !=
                             part_checksum(std::as_bytes(std::span(header_)), std::as_bytes(std::span(bytes)))) {
      out.problem = "the checksum does not match";
    } else {
      out.file = file_of_tile(tiled_, i, bytes, source_.dtype, source_.shape[2]);
    }
    if (!out.problem.empty() && !options_.allow_partial) fail(out);
    return out;
  }

  void decode_all(std::vector<Wanted>& wanted, const Region& region, PicturePart& out) {
    std::vector<std::span<const std::uint8_t>> files;
    std::vector<Wanted*> owners;
    for (Wanted& w : wanted) {
      if (!w.problem.empty()) continue;
      files.emplace_back(w.file);
      owners.push_back(&w);
    }
    Context each = context_;
    each.on_error = OnError::collect;
    std::vector<Failure> failures;
    const std::vector<Image> images = decompress(files, each, &failures);
    for (const Failure& f : failures) {
      owners[f.entity]->problem = f.message;
      if (!options_.allow_partial) throw Error(f.code, name_of(*owners[f.entity]) + f.message);
    }
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (!images[i].rgb.empty()) paste(images[i], region_of(tiled_.areas[owners[i]->tile]), region, out.image);
    }
  }

  void note(const Wanted& wanted, const Region& region, PicturePart& out) const {
    if (wanted.problem.empty()) return;
    out.missing.push_back(common(region_of(tiled_.areas[wanted.tile]), region));
    out.problems.push_back(name_of(wanted) + wanted.problem);
  }

  [[nodiscard]] std::string name_of(const Wanted& wanted) const {
    return "tile " + std::to_string(wanted.tile) + " of " + std::to_string(tiled_.areas.size()) + ": ";
  }
  [[noreturn]] void fail(const Wanted& w) const { throw Error(ErrorCode::corrupt_stream, name_of(w) + w.problem); }

  Reader& file_;
  Spec source_;
  Tiled tiled_;
  const PartOptions& options_;
  const Context& context_;
  std::optional<TileIndex> index_;
  PictureMetadata metadata_;
  std::vector<std::string> problems_;
  Bytes header_;
  Place base_;
};

// ---- the whole, cut ----------------------------------------------------------------------------------------------

// The file without what is damaged in it.
Bytes salvaged(const Bytes& file, const Context& context, std::vector<std::string>& problems) {
  const auto bytes = std::as_bytes(std::span(file));
  Frame frame = scan_frame(bytes, context.limits);
  for (const Chunk& chunk : frame.chunks) {
    if (!chunk.fault.empty()) problems.push_back("chunk '" + chunk_name(chunk) + "': " + chunk.fault);
  }
  if (!frame.fault.empty()) problems.push_back(frame.fault);
  const Chunk* base = frame.find(ChunkNumber::base);
  if (base == nullptr || !base->fault.empty()) {
    throw Error(ErrorCode::corrupt_stream, "the base stream is damaged or missing, and nothing of it decodes alone" +
                                               (problems.empty() ? "" : " (" + problems.front() + ")"));
  }
  std::erase_if(frame.chunks, [](const Chunk& chunk) { return !chunk.fault.empty(); });
  return write_frame(source_of(frame.header, context.limits, file.size()), frame.chunks);
}

void require_within(const Region& region, std::uint64_t height, std::uint64_t width) {
  const bool within = region.width > 0 && region.height > 0 && region.x < width && region.y < height &&
                      region.width <= width - region.x && region.height <= height - region.y;
  if (within) return;
  throw Error(ErrorCode::bad_parameter, "a region of " + std::to_string(region.width) + " x " +
                                            std::to_string(region.height) + " pixels at (" + std::to_string(region.x) +
                                            ", " + std::to_string(region.y) + ") is not within the picture of " +
                                            std::to_string(width) + " x " + std::to_string(height));
}

PicturePart decode_whole(Reader& file, const PartOptions& options, const Context& context) {
  PicturePart out;
  Bytes bytes = file.take(0, file.size());
  if (options.allow_partial && !is_draft(std::as_bytes(std::span(bytes)))) {
    const Bytes kept = salvaged(bytes, context, out.problems);
    if (!out.problems.empty()) bytes = kept;
  }
  Image image = decompress(bytes, context);
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
  const Bytes front = file.take(0, layout::magic.size());
  if (is_draft(std::as_bytes(std::span(front)))) return std::nullopt;
  const Outline outline = outline_of(file);
  const Spec source = source_of(outline.parsed, context.limits, file.size());
  const Place* base = outline.find(ChunkNumber::base);
  const bool layered =
      std::ranges::any_of(outline.chunks, [](const Place& p) { return p.needed && !p.is(ChunkNumber::base); });
  if (base == nullptr || layered || source.kind != Kind::image) return std::nullopt;
  auto tiled = tiled_base(file, *base, source, context.limits);
  if (!tiled) return std::nullopt;
  const Region region = options.region.value_or(Region{0, 0, source.shape[1], source.shape[0]});
  require_within(region, source.shape[0], source.shape[1]);
  return TileDecoder(file, outline, source, std::move(*tiled), options, context).decode(region);
}

}  // namespace

PicturePart decompress_part(ByteSource& source, const PartOptions& options, const Context& context) {
  Reader file(source);
  Context raising = context;
  raising.on_error = OnError::raise;
  auto out = decode_tiles(file, options, raising);
  if (!out) out = decode_whole(file, options, raising);
  out->bytes_read = file.bytes_read();
  return std::move(*out);
}

}  // namespace vaerans
