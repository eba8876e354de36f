#include "api/parts/tiled_stream.hpp"

#include <algorithm>

#include "api/parts/regions.hpp"
#include "format/container.hpp"

namespace vaerans {

std::optional<TiledStream> TiledStream::open(Reader& file, const Place& chunk, const Spec& source,
                                             const std::string& name, const Limits& limits) {
  const std::string part = "chunk '" + name + "'";
  for (std::uint64_t most = 1024;; most *= 8) {
    TiledStream out;
    out.head_ = file.take(chunk.content, std::min(most, chunk.bytes));
    ByteReader in(std::as_bytes(std::span(out.head_)), part);
    try {
      out.steps_ = read_steps(in, limits);
      out.areas_ = stream_tiles(source, out.steps_);
      if (out.areas_.empty() || out.areas_.size() > chunk.bytes) return std::nullopt;
      out.where_ = read_tile_sizes(in, out.areas_.size());
      out.head_.resize(out.where_.head);
      out.chunk_ = chunk;
      out.source_ = source;
      out.name_ = name == "base" ? "" : name + ", ";
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

void TiledStream::decode(Reader& file, const Region& region, bool tolerant, const Context& context,
                         PicturePart& out) const {
  std::vector<Wanted> wanted = read(file, region, tolerant);
  decode_all(wanted, region, tolerant, context, out);
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
  const bool there = size <= chunk_.bytes && at <= file.size() && size <= file.size() - at;
  const Bytes bytes = there ? file.take(at, size) : Bytes{};
  const auto checksum = [&] {
    return part_checksum(std::as_bytes(std::span(header_)), std::as_bytes(std::span(bytes)));
  };
  if (!there || size == 0) {
    out.problem = "the file is cut short";
  } else if (index_ && index_->checksums[i] != checksum()) {
    out.problem = "the checksum does not match";
  } else {
    out.file = file_of_tile(i, bytes);
  }
  return out;
}

Bytes TiledStream::file_of_tile(std::size_t i, const Bytes& bytes) const {
  ByteWriter payload;
  payload.varint(bytes.size());
  payload.raw(std::as_bytes(std::span(bytes)));
  const Region area = region_of(areas_[i]);
  StoredFile file;
  file.source = {Kind::image, source_.dtype, Shape{area.height, area.width, source_.shape[2]}, {}};
  file.base = {steps_, payload.bytes()};
  return write_container(file);
}

void TiledStream::decode_all(std::vector<Wanted>& wanted, const Region& region, bool tolerant, const Context& context,
                             PicturePart& out) const {
  std::vector<std::span<const std::uint8_t>> files;
  std::vector<Wanted*> owners;
  for (Wanted& w : wanted) {
    if (!w.problem.empty()) continue;
    files.emplace_back(w.file);
    owners.push_back(&w);
  }
  Context each = context;
  each.on_error = OnError::collect;
  std::vector<Failure> failures;
  const std::vector<Image> images = decompress(files, each, &failures);
  for (const Failure& f : failures) {
    owners[f.entity]->problem = f.message;
    if (!tolerant) throw Error(f.code, name_of(*owners[f.entity]) + f.message);
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!images[i].rgb.empty()) paste(images[i], region_of(areas_[owners[i]->tile]), region, out.image);
  }
}

void TiledStream::note(const Wanted& wanted, const Region& region, PicturePart& out) const {
  if (wanted.problem.empty()) return;
  out.missing.push_back(common(region_of(areas_[wanted.tile]), region));
  out.problems.push_back(name_of(wanted) + wanted.problem);
}

std::string TiledStream::name_of(const Wanted& wanted) const {
  return name_ + "tile " + std::to_string(wanted.tile) + " of " + std::to_string(areas_.size()) + ": ";
}

}  // namespace vaerans
