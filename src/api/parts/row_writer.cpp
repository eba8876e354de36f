// RowWriter: rows are gathered into a row of tiles, which is coded and spooled; the file is put together at the end. Of
// lossy pictures the rows themselves are spooled, since the steps depend on all of them.
#include <algorithm>
#include <cstring>
#include <optional>

#include "api/file/metadata_fields.hpp"
#include "api/file/pending_chunks.hpp"
#include "api/file_context.hpp"
#include "api/parts/regions.hpp"
#include "api/parts/spooled_tiles.hpp"
#include "api/strips/lossless_rows.hpp"
#include "api/strips/spooled_rows.hpp"
#include "base/parallel.hpp"
#include "coding/effort.hpp"
#include "format/chunks.hpp"
#include "kernels/predict/tile_coder.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

void check(const PictureKind& kind, const RowOptions& options, const Limits& limits) {
  const auto bad = [](ErrorCode code, const std::string& what) { throw Error(code, what); };
  if (kind.height == 0 || kind.width == 0 || kind.channels == 0 || kind.channels > 4 ||
      (kind.dtype != DType::u8 && kind.dtype != DType::u16)) {
    bad(ErrorCode::shape, "a picture has rows and columns of one to four channels, u8 or u16");
  }
  require_extents(kind.height, kind.width, limits);
  if (options.max_error < 0 || options.max_error > kernels::kMostError) {
    bad(ErrorCode::bad_parameter, "the largest error is 0 to " + std::to_string(kernels::kMostError) + ", not " +
                                      std::to_string(options.max_error));
  }
  if (options.quality && !(*options.quality >= 1 && *options.quality < 100))
    bad(ErrorCode::bad_parameter, "the quality of rows is 1 to below 100, or none for lossless ones, not " +
                                      to_string(ParamValue(*options.quality)));
  if (options.quality && (options.max_error != 0 || options.bits != kernels::kMostBits))
    bad(ErrorCode::bad_parameter, "a quality goes without a largest error, and without bits");
  if (options.bits < 9 || options.bits > kernels::kMostBits)
    bad(ErrorCode::bad_parameter, "16-bit samples have 9 to 16 bits, not " + std::to_string(options.bits));
  if (options.effort < least_effort || options.effort > most_effort)
    bad(ErrorCode::bad_parameter, "effort is 1 to 9, not " + std::to_string(options.effort));
}

/// What coding a row of tiles takes.
struct RowMemory {
  std::uint64_t rows = 0;    ///< bytes: as they came, their planes, and what becomes of them
  std::uint64_t thread = 0;  ///< bytes that each thread needs for a tile
  std::uint64_t tiles = 0;   ///< in a row: more threads have nothing to do
};

RowMemory memory_of(const PictureKind& kind, const TilePlan& plan, const std::vector<TileArea>& areas) {
  constexpr std::uint64_t copies = 5;
  const auto largest = std::ranges::max_element(areas, {}, &TileArea::pixels);
  const auto highest = std::ranges::max(areas, {}, &TileArea::height).height;
  const std::uint64_t row_bytes = kind.width * kind.channels * dtype_size(kind.dtype);
  return {.rows = copies * row_bytes * static_cast<std::uint64_t>(highest),
          .thread = encoder_bytes(*largest, kind.channels < 3 ? 1 : 3, plan),
          .tiles = columns_of(areas)};
}

void require_room(std::uint64_t bytes, const std::string& what, const std::string& instead, const Limits& limits) {
  if (bytes <= limits.max_memory) return;
  throw Error(ErrorCode::limit_exceeded, what + " of this picture takes " + std::to_string(bytes) +
                                             " bytes of memory to code, over the limit of " +
                                             std::to_string(limits.max_memory) +
                                             "; raise Limits.max_memory (--max-memory), or ask for " + instead);
}

/// As many as are wanted and have room. Throws Error(limit_exceeded) where not even one has.
unsigned threads_for(const RowMemory& memory, unsigned wanted, const Limits& limits) {
  require_room(memory.rows + memory.thread, "a row of tiles", "less effort", limits);
  const std::uint64_t room = (limits.max_memory - memory.rows) / memory.thread;
  return static_cast<unsigned>(std::min({std::uint64_t{thread_count(wanted)}, memory.tiles, room}));
}

// The samples of some channels, from `first` on, of pixels that have more.
template <typename Sample>
std::vector<Sample> channels_of(std::span<const Sample> pixels, std::size_t channels, std::size_t first,
                                std::size_t count) {
  if (count == channels) return {pixels.begin(), pixels.end()};
  std::vector<Sample> out;
  out.reserve(pixels.size() / channels * count);
  for (std::size_t at = first; at < pixels.size(); at += channels)
    for (std::size_t c = 0; c < count; ++c) out.push_back(pixels[at + c]);
  return out;
}

}  // namespace

class RowWriter::State {
 public:
  State(const PictureKind& kind, RowOptions options, const Context& context)
      : kind_(kind), options_(std::move(options)), context_(file_context(context)) {
    check(kind, options_, context.limits);
    const bool deep = kind.dtype == DType::u16;
    const int bits = deep ? options_.bits : 8;
    TilePlan plan{.side_log = TilePlan::side_log_for(kind.height, kind.width),
                  .max_error = static_cast<int>(options_.max_error),
                  .bits = bits,
                  .choice = effort_of(options_.effort).pixels};
    if (deep && plan.max_error > 0) plan.bits = kernels::kMostBits;  // moved samples may lie anywhere
    const auto areas = tiles_of(kind.height, kind.width, plan);
    const RowMemory memory = memory_of(kind, plan, areas);
    if (!options_.quality || has_alpha()) context_.threads = threads_for(memory, context.threads, context.limits);
    row_ends_ = row_ends(areas);
    ByteWriter header;
    write_header(header, source());
    header_ = header.take();
    const PictureKind seen{kind.height, kind.width, static_cast<std::uint32_t>(colors()), kind.dtype};
    if (options_.quality) {
      require_room(memory_of_quality(seen, options_.effort), "a quality", "a lossless file", context.limits);
      spooled_.emplace(seen);
    } else {
      const std::uint64_t all = memory.rows + context_.threads * memory.thread;
      const bool graphics = all + LosslessRows::graphic_bytes(seen, context_.threads) <= context.limits.max_memory;
      colors_.emplace(seen, plan, header_, graphics);
    }
    plan.max_error = 0;
    plan.bits = bits;
    const auto tiles = deep ? SpooledTiles::Kind::deep_photo : SpooledTiles::Kind::photo;
    if (has_alpha()) alpha_.emplace(plan, tiles, header_);
  }

  [[nodiscard]] const PictureKind& kind() const noexcept { return kind_; }
  [[nodiscard]] std::uint64_t rows_missing() const noexcept { return kind_.height - rows_; }

  void write(const ImageView& rows) {
    require_sound();
    require_fitting(rows);
    failed_ = true;  // unless all of this ends well
    const std::uint64_t row_bytes = kind_.width * rows.pixel_bytes();
    for (std::uint64_t y = 0; y < rows.height; ++y) {
      const std::uint8_t* const row = rows.data + y * rows.stride();
      strip_.insert(strip_.end(), row, row + row_bytes);
      if (++rows_ == row_ends_[tile_row_]) code_strip();
    }
    if (spooled_ && rows_missing() == 0) code_spooled();
    failed_ = false;
  }

  std::uint64_t finish(ByteSink& out) {
    require_sound();
    if (rows_missing() != 0)
      throw Error(ErrorCode::contract, std::to_string(rows_missing()) + " of " + std::to_string(kind_.height) +
                                           " rows are missing; the file cannot be finished");
    return write_pending(source(), pending(), context_.limits, out);
  }

 private:
  [[nodiscard]] bool has_alpha() const noexcept { return kind_.channels % 2 == 0; }
  [[nodiscard]] std::uint64_t colors() const noexcept { return kind_.channels - (has_alpha() ? 1 : 0); }
  [[nodiscard]] Spec source() const {
    return {Kind::image, kind_.dtype, Shape{kind_.height, kind_.width, colors()}, {}};
  }

  void require_sound() const {
    if (failed_)
      throw Error(ErrorCode::contract, "writing rows has failed before, so that some are lost; begin the file anew");
  }
  void require_fitting(const ImageView& rows) const {
    if (rows.data == nullptr || rows.width != kind_.width || rows.channels != kind_.channels ||
        rows.dtype != kind_.dtype) {
      throw Error(ErrorCode::shape, "rows of " + std::to_string(kind_.width) + " pixels, " +
                                        std::to_string(kind_.channels) + " channels, " +
                                        std::string(dtype_name(kind_.dtype)) + " are wanted, not of " +
                                        std::to_string(rows.width) + " pixels, " + std::to_string(rows.channels) +
                                        " channels, " + std::string(dtype_name(rows.dtype)));
    }
    if (rows.height <= rows_missing()) return;
    throw Error(ErrorCode::shape, std::to_string(rows.height) + " rows where only " + std::to_string(rows_missing()) +
                                      " of " + std::to_string(kind_.height) + " are missing");
  }

  void code_strip() {
    kind_.dtype == DType::u16 ? code_strip_of<std::uint16_t>() : code_strip_of<std::uint8_t>();
    strip_.clear();
    ++tile_row_;
  }
  template <typename Sample>
  void code_strip_of() {
    std::vector<Sample> samples(strip_.size() / sizeof(Sample));
    std::memcpy(samples.data(), strip_.data(), strip_.size());
    if constexpr (sizeof(Sample) == 2) require_bits(samples);
    const std::span<const Sample> pixels(samples);
    const auto some = [&](std::size_t first, std::size_t count) {
      return channels_of(pixels, kind_.channels, first, count);
    };
    if (spooled_) {
      const auto own = some(0, colors());
      spooled_->add(std::as_bytes(std::span(own)));
    }
    if (colors_) colors_->add(std::span<const Sample>(some(0, colors())), context_.threads);
    if (alpha_) alpha_->add(std::span<const Sample>(some(colors(), 1)), 1, kind_.width, context_.threads);
  }
  // All rows are there: now they can be looked at as often as it takes.
  void code_spooled() {
    lossy_ = base_of_quality(*spooled_, *options_.quality, options_.effort, context_);
    spooled_.reset();
  }
  void require_bits(std::span<const std::uint16_t> samples) const {
    const auto most = std::ranges::max(samples);
    if (most >> options_.bits == 0) return;
    throw Error(ErrorCode::bad_parameter, "a sample of " + std::to_string(most) + " has more than the " +
                                              std::to_string(options_.bits) + " bits that were said");
  }

  [[nodiscard]] std::vector<PendingChunk> pending() const {
    std::vector<PendingChunk> out;
    for (const auto& [number, member] : metadata_fields) {
      if (!(options_.metadata.*member).empty())
        out.push_back({make_chunk(number, {}), packed_field(options_.metadata.*member)});
    }
    if (lossy_) {
      if (!lossy_->index.empty()) out.push_back({make_chunk(ChunkNumber::tiles, {}), lossy_->index});
      out.push_back({make_chunk(ChunkNumber::base, {}), lossy_->base});
    } else {
      const SpooledTiles& tiles = colors_->chosen();
      if (auto index = tiles.index(); !index.empty())
        out.push_back({make_chunk(ChunkNumber::tiles, {}), std::move(index)});
      out.push_back({make_chunk(ChunkNumber::base, {}), tiles.head(), &tiles.tiles()});
    }
    if (alpha_) out.push_back({make_chunk(ChunkNumber::alpha, {}), alpha_->head(), &alpha_->tiles()});
    return out;
  }

  PictureKind kind_;
  RowOptions options_;
  Context context_;
  ByteBuffer header_;
  std::vector<std::uint64_t> row_ends_;
  std::optional<LosslessRows> colors_;
  std::optional<SpooledTiles> alpha_;
  std::optional<SpooledRows> spooled_;  // a lossy picture's, until it is coded
  std::optional<BaseChunks> lossy_;
  Bytes strip_;
  std::uint64_t rows_ = 0;
  std::size_t tile_row_ = 0;
  bool failed_ = false;
};

RowWriter::RowWriter(const PictureKind& kind, RowOptions options, const Context& context)
    : state_(std::make_unique<State>(kind, std::move(options), context)) {}
RowWriter::RowWriter(RowWriter&&) noexcept = default;
RowWriter& RowWriter::operator=(RowWriter&&) noexcept = default;
RowWriter::~RowWriter() = default;
const PictureKind& RowWriter::kind() const noexcept { return state_->kind(); }
std::uint64_t RowWriter::rows_missing() const noexcept { return state_->rows_missing(); }
void RowWriter::write(const ImageView& rows) { state_->write(rows); }
std::uint64_t RowWriter::finish(ByteSink& out) { return state_->finish(out); }

}  // namespace vaerans
