// RowWriter: rows are gathered into a row of tiles, which is coded and spooled; the file is put together at the end.
#include <algorithm>
#include <cstring>
#include <optional>

#include "api/file/metadata_fields.hpp"
#include "api/parts/regions.hpp"
#include "api/parts/spooled_tiles.hpp"
#include "api/plan.hpp"
#include "base/checksum.hpp"
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
          .tiles = areas.size() / row_ends(areas).size()};
}

/// As many as are wanted and have room. Throws Error(limit_exceeded) where not even one has.
unsigned threads_for(const RowMemory& memory, unsigned wanted, const Limits& limits) {
  const std::uint64_t least = memory.rows + memory.thread;
  if (least > limits.max_memory) {
    throw Error(ErrorCode::limit_exceeded, "a row of tiles of this picture takes " + std::to_string(least) +
                                               " bytes of memory to code, over the limit of " +
                                               std::to_string(limits.max_memory) +
                                               "; raise Limits.max_memory (--max-memory), or ask for less effort");
  }
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

/// A chunk that is about to be written: what it begins with, and what is still in a spool.
struct Pending {
  ChunkNumber number;
  ByteBuffer content;
  const Spool* rest = nullptr;
  [[nodiscard]] std::uint64_t bytes() const { return content.size() + (rest == nullptr ? 0 : rest->size()); }
};

// Bytes on their way to the sink.
class FileWriter {
 public:
  FileWriter(ByteSink& out, const ByteBuffer& header) : out_(out), header_(header) { put(header); }

  void chunk(const Pending& pending, bool last) {
    ByteWriter head;
    write_chunk_head(head, make_chunk(pending.number, {}), pending.bytes(), last);
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

class RowWriter::State {
 public:
  State(const PictureKind& kind, RowOptions options, const Context& context)
      : kind_(kind), options_(std::move(options)), context_(context) {
    check(kind, options_, context.limits);
    const bool deep = kind.dtype == DType::u16;
    const int bits = deep ? options_.bits : 8;
    TilePlan plan{.side_log = TilePlan::side_log_for(kind.height, kind.width),
                  .max_error = static_cast<int>(options_.max_error),
                  .bits = bits,
                  .choice = effort_of(options_.effort).pixels};
    if (deep && plan.max_error > 0) plan.bits = kernels::kMostBits;  // moved samples may lie anywhere
    const auto areas = tiles_of(kind.height, kind.width, plan);
    context_.threads = threads_for(memory_of(kind, plan, areas), context.threads, context.limits);
    row_ends_ = row_ends(areas);
    ByteWriter header;
    write_header(header, {Kind::image, kind.dtype, Shape{kind.height, kind.width, colors()}, {}});
    header_ = header.take();
    colors_.emplace(plan, deep, header_);
    plan.max_error = 0;
    plan.bits = bits;
    if (has_alpha()) alpha_.emplace(plan, deep, header_);
  }

  [[nodiscard]] const PictureKind& kind() const noexcept { return kind_; }
  [[nodiscard]] std::uint64_t rows_missing() const noexcept { return kind_.height - rows_; }

  void write(const ImageView& rows) {
    require_fitting(rows);
    const std::uint64_t row_bytes = kind_.width * rows.pixel_bytes();
    for (std::uint64_t y = 0; y < rows.height; ++y) {
      const std::uint8_t* const row = rows.data + y * rows.stride();
      strip_.insert(strip_.end(), row, row + row_bytes);
      if (++rows_ == row_ends_[tile_row_]) code_strip();
    }
  }

  std::uint64_t finish(ByteSink& out) {
    if (rows_missing() != 0)
      throw Error(ErrorCode::contract, std::to_string(rows_missing()) + " of " + std::to_string(kind_.height) +
                                           " rows are missing; the file cannot be finished");
    const std::vector<Pending> chunks = pending();
    std::uint64_t size = header_.size();
    for (const Pending& chunk : chunks) size += chunk.bytes();
    if (size > context_.limits.max_file_bytes) {
      throw Error(ErrorCode::limit_exceeded, "the file would have " + std::to_string(size) + " bytes; the limit is " +
                                                 std::to_string(context_.limits.max_file_bytes));
    }
    FileWriter file(out, header_);
    for (const Pending& chunk : chunks) file.chunk(chunk, &chunk == &chunks.back());
    return file.written();
  }

 private:
  [[nodiscard]] bool has_alpha() const noexcept { return kind_.channels % 2 == 0; }
  [[nodiscard]] std::uint64_t colors() const noexcept { return kind_.channels - (has_alpha() ? 1 : 0); }

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
    const auto add = [&](SpooledTiles& tiles, std::size_t first, std::size_t count) {
      const auto own = channels_of(pixels, kind_.channels, first, count);
      tiles.add(std::span<const Sample>(own), count, kind_.width, context_.threads);
    };
    add(*colors_, 0, colors());
    if (alpha_) add(*alpha_, colors(), 1);
  }
  void require_bits(std::span<const std::uint16_t> samples) const {
    const auto most = std::ranges::max(samples);
    if (most >> options_.bits == 0) return;
    throw Error(ErrorCode::bad_parameter, "a sample of " + std::to_string(most) + " has more than the " +
                                              std::to_string(options_.bits) + " bits that were said");
  }

  [[nodiscard]] std::vector<Pending> pending() const {
    std::vector<Pending> out;
    for (const auto& [number, member] : metadata_fields) {
      if (!(options_.metadata.*member).empty()) out.push_back({number, packed_field(options_.metadata.*member)});
    }
    if (auto index = colors_->index(); !index.empty()) out.push_back({ChunkNumber::tiles, std::move(index)});
    out.push_back({ChunkNumber::base, colors_->head(), &colors_->tiles()});
    if (alpha_) out.push_back({ChunkNumber::alpha, alpha_->head(), &alpha_->tiles()});
    std::ranges::sort(out, {}, [](const Pending& p) { return place_of(make_chunk(p.number, {})); });
    return out;
  }

  PictureKind kind_;
  RowOptions options_;
  Context context_;
  ByteBuffer header_;
  std::vector<std::uint64_t> row_ends_;
  std::optional<SpooledTiles> colors_, alpha_;
  Bytes strip_;
  std::uint64_t rows_ = 0;
  std::size_t tile_row_ = 0;
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
