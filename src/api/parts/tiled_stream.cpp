#include "api/parts/tiled_stream.hpp"

#include <algorithm>

#include "api/layers.hpp"
#include "api/parts/regions.hpp"
#include "format/container.hpp"

namespace vaerans {

std::optional<TiledStream> TiledStream::open(Reader& file, const Place& chunk, const Spec& source,
                                             const std::string& name, std::uint64_t head, const Limits& limits) {
  const std::string part = "chunk '" + name + "'";
  Bytes front;
  for (std::uint64_t most = head != 0 ? head : 1024;; most = std::max<std::uint64_t>(most * 4, 1024)) {
    const Bytes more = file.take(chunk.content + front.size(), std::min(most, chunk.bytes) - front.size());
    front.insert(front.end(), more.begin(), more.end());
    TiledStream out;
    out.head_ = front;
    ByteReader in(std::as_bytes(std::span(out.head_)), part);
    try {
      out.steps_ = read_steps(in, limits);
      StreamTiles tiles = stream_tiles(source, out.steps_);
      out.areas_ = std::move(tiles.areas);
      out.halo_ = tiles.halo;
      if (out.areas_.empty() || out.areas_.size() > chunk.bytes) return std::nullopt;
      out.where_ = read_tile_sizes(in, out.areas_.size());
      out.head_.resize(out.where_.head);
      out.chunk_ = chunk;
      out.source_ = source;
      out.name_ = name;
      return out;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::corrupt_stream || out.head_.size() < most) return std::nullopt;
    }
  }
}

void TiledStream::take_index(TileIndex index, std::span<const std::uint8_t> header) {
  const bool fits = index.head == head_.size() && index.checksums.size() == areas_.size() &&
                    index.head_checksum == part_checksum(std::as_bytes(header), std::as_bytes(std::span(head_)));
  if (!fits) throw Error(ErrorCode::corrupt_stream, "the tile index does not fit the base stream, which is damaged");
  index_ = std::move(index);
  header_.assign(header.begin(), header.end());
}

void TiledStream::require_sizes() const {
  const std::string part = "chunk '" + name_ + "': ";
  std::uint64_t left = chunk_.bytes - where_.head;
  for (const std::uint64_t size : where_.sizes) {
    if (size > left) throw Error(ErrorCode::corrupt_stream, part + "its tiles have more bytes than its payload");
    left -= size;
  }
  if (left != 0)
    throw Error(ErrorCode::corrupt_stream, part + std::to_string(left) + " bytes are left over behind its tiles");
}

bool TiledStream::decodes_alike() const {
  return std::ranges::all_of(steps_, [](const StoredStep& step) { return vaerans::decodes_alike(*step.system); });
}

void TiledStream::decode(Reader& file, const Region& region, bool tolerant, const Context& given,
                         PicturePart& out) const {
  const Context context = for_some_of(given);
  std::vector<Wanted> wanted = read(file, grown(region, halo_, source_.shape[0], source_.shape[1]), tolerant);
  halo_ == 0 ? decode_each(wanted, region, tolerant, context, out)
             : decode_window(wanted, region, tolerant, context, out);
  for (const Wanted& w : wanted) note(w, region, out);
}

std::vector<TiledStream::Wanted> TiledStream::read(Reader& file, const Region& region, bool tolerant) const {
  std::vector<Wanted> out;
  std::uint64_t at = chunk_.content + where_.head;
  for (std::size_t i = 0; i < areas_.size(); ++i) {
    if (common(region_of(areas_[i]), region).width != 0) {
      out.push_back(read_tile(file, i, at));
      const Wanted& w = out.back();
      if (!w.problem.empty() && !tolerant) throw Error(ErrorCode::corrupt_stream, name_of(w) + w.problem);
    }
    at += std::min(where_.sizes[i], file.size());
  }
  return out;
}

TiledStream::Wanted TiledStream::read_tile(Reader& file, std::size_t i, std::uint64_t at) const {
  Wanted out{.tile = i};
  const std::uint64_t size = where_.sizes[i];
  const std::uint64_t end = std::min(chunk_.content + chunk_.bytes, file.size());
  const bool there = at <= end && size <= end - at;
  out.bytes = there ? file.take(at, size) : Bytes{};
  const auto checksum = [&] {
    return part_checksum(std::as_bytes(std::span(header_)), std::as_bytes(std::span(out.bytes)));
  };
  if (!there || size == 0) {
    out.problem = "the file is cut short";
  } else if (index_ && index_->checksums[i] != checksum()) {
    out.problem = "the checksum does not match";
  }
  return out;
}

Bytes TiledStream::file_of(std::span<const Wanted> tiles, const Region& window) const {
  ByteWriter payload;
  for (const Wanted& w : tiles) payload.varint(w.bytes.size());
  for (const Wanted& w : tiles) payload.raw(std::as_bytes(std::span(w.bytes)));
  StoredFile file;
  file.source = {Kind::image, source_.dtype, Shape{window.height, window.width, source_.shape[2]}, {}};
  file.base = {steps_, payload.bytes()};
  std::vector<std::vector<std::byte>> side_infos;
  for (std::size_t i = 0; halo_ != 0 && i + 1 < steps_.size(); ++i) {
    side_infos.push_back(steps_[i].system->side_info_of_part(steps_[i].side_info, source_.shape, window));
    file.base.steps[i].side_info = side_infos.back();
  }
  return write_container(file);
}

// As many tiles at a time as fit into some memory besides the picture: enough for all threads, and no second picture.
void TiledStream::decode_each(std::span<Wanted> wanted, const Region& region, bool tolerant, const Context& context,
                              PicturePart& out) const {
  constexpr std::uint64_t kRoom = std::uint64_t{64} << 20U;
  const std::uint64_t room = std::min(kRoom, context.limits.max_memory / 8);
  std::size_t begin = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Region area = region_of(areas_[wanted[i].tile]);
    const std::uint64_t own = area.height * area.width * source_.shape[2] * dtype_size(source_.dtype);
    if (i > begin && bytes + own > room) {
      decode_some(wanted.subspan(begin, i - begin), region, tolerant, context, out);
      begin = i;
      bytes = 0;
    }
    bytes += own;
  }
  decode_some(wanted.subspan(begin), region, tolerant, context, out);
}

void TiledStream::decode_some(std::span<Wanted> wanted, const Region& region, bool tolerant, const Context& context,
                              PicturePart& out) const {
  std::vector<Bytes> files;
  std::vector<Wanted*> owners;
  for (Wanted& w : wanted) {
    if (!w.problem.empty()) continue;
    files.push_back(file_of({&w, 1}, region_of(areas_[w.tile])));
    owners.push_back(&w);
  }
  Context each = context;
  each.on_error = OnError::collect;
  std::vector<Failure> failures;
  const std::vector<std::span<const std::uint8_t>> views(files.begin(), files.end());
  const std::vector<Image> images = decompress(views, each, &failures);
  for (const Failure& f : failures) {
    owners[f.entity]->problem = f.message;
    if (!tolerant) throw Error(f.code, name_of(*owners[f.entity]) + f.message);
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!images[i].rgb.empty()) paste(images[i], region_of(areas_[owners[i]->tile]), region, out.image);
  }
}

void TiledStream::decode_window(std::vector<Wanted>& wanted, const Region& region, bool tolerant,
                                const Context& context, PicturePart& out) const {
  const Region window = around(region_of(areas_[wanted.front().tile]), region_of(areas_[wanted.back().tile]));
  if (tolerant) mend(wanted, context);
  try {
    paste(decompress(file_of(wanted, window), context), window, region, out.image);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::corrupt_stream) raise_of_a_tile(wanted, context);
    throw;
  }
}

// What went wrong with the window says nothing of the picture's tiles.
void TiledStream::raise_of_a_tile(std::span<const Wanted> wanted, const Context& context) const {
  for (const Wanted& w : wanted) {
    if (const auto error = failure_of(w, context)) throw Error(error->code(), name_of(w) + error->what());
  }
}

std::optional<Error> TiledStream::failure_of(const Wanted& wanted, const Context& context) const {
  try {
    (void)decompress(file_of({&wanted, 1}, region_of(areas_[wanted.tile])), context);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

void TiledStream::mend(std::vector<Wanted>& wanted, const Context& context) const {
  for (Wanted& w : wanted) {
    if (w.problem.empty() && !index_) {
      if (const auto error = failure_of(w, context)) w.problem = error->what();
    }
    if (!w.problem.empty()) w.bytes = blank_tile(region_of(areas_[w.tile]), context);
  }
}

// What the stream's own steps make of grey.
Bytes TiledStream::blank_tile(const Region& area, const Context& context) const {
  Image grey = blank(area, static_cast<std::uint32_t>(source_.shape[2]), source_.dtype);
  std::ranges::fill(grey.rgb, std::uint8_t{128});
  const std::vector<StoredStep> before(steps_.begin(), steps_.end() - 1);
  const std::string recipe = StoredStream{before, {}}.recipe() + " | ans(coder=mixing)";
  const Bytes file = compress(grey.view(), {.recipe = recipe}, context);
  const StoredFile parts = parse_container(std::as_bytes(std::span(file)), context.limits);
  ByteReader in(parts.base.payload, "tile");
  const auto bytes = in.take(in.varint());
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {data, data + bytes.size()};
}

void TiledStream::note(const Wanted& wanted, const Region& region, PicturePart& out) const {
  if (wanted.problem.empty()) return;
  const Region lost = common(region_of(areas_[wanted.tile]), region);
  if (lost.width != 0) out.missing.push_back(lost);
  out.problems.push_back(name_of(wanted) + wanted.problem);
}

std::string TiledStream::name_of(const Wanted& wanted) const {
  return (name_ == "base" ? "" : name_ + ", ") + "tile " + std::to_string(wanted.tile) + " of " +
         std::to_string(areas_.size()) + ": ";
}

}  // namespace vaerans
