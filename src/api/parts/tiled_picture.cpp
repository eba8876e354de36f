#include "api/parts/tiled_picture.hpp"

#include <algorithm>

#include "api/file/metadata_fields.hpp"
#include "api/parts/regions.hpp"
#include "format/container.hpp"
#include "format/draft.hpp"
#include "systems/memory_limit.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

// Whether a decoder of colours and alpha understands all that it must.
bool is_flat(const Outline& outline) {
  return std::ranges::all_of(outline.frame.chunks, [](const Chunk& chunk) {
    return !chunk.needed || chunk.is(ChunkNumber::base) || chunk.is(ChunkNumber::alpha);
  });
}

std::optional<TileIndex> index_in(Reader& file, const Outline& outline) {
  const Place* place = outline.find_intact(ChunkNumber::tiles);
  if (place == nullptr) return std::nullopt;
  const Bytes content = checked_content(file, outline, *place);
  return read_tile_index(std::as_bytes(std::span(content)));
}

std::optional<Digest> promised_in(Reader& file, const Outline& outline) {
  const Place* place = outline.find_intact(ChunkNumber::digest);
  if (place == nullptr) return std::nullopt;
  const Bytes content = checked_content(file, outline, *place);
  return digest_in(std::as_bytes(std::span(content)));
}

// Whether all of it is read for its content, which is then held against its checksum.
bool is_read_whole(const Chunk& chunk) {
  return chunk.is(ChunkNumber::tiles) || chunk.is(ChunkNumber::digest) ||
         std::ranges::any_of(metadata_fields, [&](const auto& field) { return chunk.is(field.number); });
}

// Whether nothing that the pixels depend on can hide in the chunk, so that it need not be read: it is a preview in its
// usual place, before all others, or it has a name, in whose place no stream makes sense (its number of steps is no
// letter). Damage of a type makes any other chunk out of a stream.
bool hides_nothing(const Outline& outline, std::size_t i) {
  const Chunk& chunk = outline.frame.chunks[i];
  return (i == 0 && chunk.is(ChunkNumber::preview)) || chunk.is(ChunkNumber::named);
}

// Does the work; where that throws and is tolerated, its error becomes a problem.
template <typename Work>
void attempt(bool tolerant, std::vector<std::string>& problems, Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (!tolerant) throw;
    problems.emplace_back(error.what());
  }
}

}  // namespace

std::optional<TiledPicture> TiledPicture::open(Reader& file, bool tolerant, const Limits& limits) {
  const Bytes front = file.take(0, layout::magic.size());
  if (is_draft(std::as_bytes(std::span(front)))) return std::nullopt;
  Outline outline = outline_of(file);
  const Spec source = source_of(outline.frame.header, limits, file.size());
  const Place* base = outline.find(ChunkNumber::base);
  const Place* alpha = outline.find(ChunkNumber::alpha);
  if (base == nullptr || !is_flat(outline) || source.kind != Kind::image) return std::nullopt;
  if (tolerant && alpha != nullptr) return std::nullopt;
  std::vector<std::string> problems;
  std::optional<TileIndex> index;
  attempt(tolerant, problems, [&] { index = index_in(file, outline); });
  auto colors = TiledStream::open(file, *base, source, "base", index ? index->head : 0, limits);
  if (!colors) return std::nullopt;
  TiledPicture out(std::move(*colors));
  if (alpha != nullptr) {
    out.alpha_ = TiledStream::open(file, *alpha, alpha_source(source), "alpha", 0, limits);
    if (!out.alpha_) return std::nullopt;
  }
  attempt(tolerant, problems, [&] {
    if (index) out.colors_.take_index(std::move(*index), outline.header);
  });
  out.look(file, outline, tolerant, limits, problems);
  out.problems_ = std::move(problems);
  return out;
}

// What decoding the whole would refuse, as far as a part can know it.
void TiledPicture::look(Reader& file, Outline& outline, bool tolerant, const Limits& limits,
                        std::vector<std::string>& problems) {
  if (!tolerant) require_intact(outline.frame);
  attempt(tolerant, problems, [&] { require_understood(outline.frame); });
  for (std::size_t i = 0; i < outline.places.size(); ++i) {
    const Chunk& chunk = outline.frame.chunks[i];
    const bool covered = is_read_whole(chunk) || (colors_.has_index() && chunk.is(ChunkNumber::base));
    if (!covered && !hides_nothing(outline, i)) check_content(file, outline, i);
  }
  if (!tolerant) require_intact(outline.frame);
  attempt(tolerant, problems, [&] { colors_.require_sizes(); });
  if (alpha_) attempt(tolerant, problems, [&] { alpha_->require_sizes(); });
  attempt(tolerant, problems, [&] { digest_ = promised_in(file, outline); });
  attempt(tolerant, problems, [&] { metadata_ = metadata_in(file, outline, limits); });
  const std::vector<std::string> faults = faults_of(outline.frame);
  problems.insert(problems.end(), faults.begin(), faults.end());
}

std::optional<RowDigest> TiledPicture::row_digest() const {
  if (!digest_ || !colors_.decodes_alike()) return std::nullopt;
  return std::optional<RowDigest>(std::in_place, *digest_, height(),
                                  static_cast<std::uint32_t>(colors_.source().shape[2]));
}

// With a halo a strip is what can be decoded from as many rows of tiles as some memory has room for.
std::vector<std::uint64_t> TiledPicture::strip_ends(const Limits& limits) const {
  std::vector<std::uint64_t> rows = row_ends(colors_.areas());
  const std::uint64_t halo = colors_.halo(), tile = rows.front();
  if (halo == 0) return rows;
  constexpr std::uint64_t kRoom = std::uint64_t{768} << 20U, kBytesAPixel = 36;
  const std::uint64_t fit = std::min(kRoom, limits.max_memory / 4) / (kBytesAPixel * width()) / tile;
  const std::uint64_t window = tile * std::max(fit, 2 * halo / tile + 2);
  std::vector<std::uint64_t> out;
  for (std::uint64_t top = 0; top + window < rows.back(); top = (out.back() - halo) / tile * tile)
    out.push_back(top + window - halo);
  out.push_back(rows.back());
  return out;
}

void TiledPicture::hold_against_digest(Image& whole) const {
  auto digest = row_digest();
  if (!digest) return;
  whole.digest_matches = false;
  digest->take(whole, 0);
  whole.digest_matches = true;
}

PicturePart TiledPicture::decode(Reader& file, const Region& region, bool tolerant, const Context& context) const {
  const std::uint64_t copies = alpha_ ? 2 : 1;  // colours and alpha, and both together
  require_memory(copies * region.height * region.width * channels() * dtype_size(dtype()), context.limits);
  const auto part_of = [&](const TiledStream& stream) {
    PicturePart part;
    part.image = blank(region, static_cast<std::uint32_t>(stream.source().shape[2]), dtype());
    stream.decode(file, region, tolerant, context, part);
    return part;
  };
  PicturePart out = part_of(colors_);
  if (alpha_) out.image = with_alpha_beside(out.image, part_of(*alpha_).image);
  out.image.metadata = metadata_;
  out.problems.insert(out.problems.begin(), problems_.begin(), problems_.end());
  if (region == Region{0, 0, width(), height()} && out.missing.empty())
    attempt(tolerant, out.problems, [&] { hold_against_digest(out.image); });
  return out;
}

}  // namespace vaerans
