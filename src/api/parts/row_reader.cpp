// RowReader: a strip of the picture is decoded when one of its rows is asked for.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "api/file_context.hpp"
#include "api/parts/regions.hpp"
#include "api/parts/tiled_picture.hpp"
#include "vaerans/rows.hpp"

namespace vaerans {

class RowReader::State {
 public:
  State(ByteSource& source, Context context) : file_(source), context_(file_context(std::move(context))) {
    context_.on_error = OnError::raise;
    picture_ = TiledPicture::open(file_, false, context_.limits);
    if (picture_) {
      kind_ = {picture_->height(), picture_->width(), picture_->channels(), picture_->dtype()};
      metadata_ = picture_->metadata();
      ends_ = picture_->strip_ends(context_.limits);
      digest_ = picture_->row_digest();
    } else {
      take_whole();
    }
  }

  [[nodiscard]] const PictureKind& kind() const noexcept { return kind_; }
  [[nodiscard]] const PictureMetadata& metadata() const noexcept { return metadata_; }
  [[nodiscard]] bool bounded() const noexcept { return picture_.has_value(); }
  [[nodiscard]] std::uint64_t rows_left() const noexcept { return kind_.height - next_; }

  Image read(std::uint64_t rows) {
    const Region wanted{0, next_, kind_.width, std::min(rows, rows_left())};
    Image out = blank(wanted, kind_.channels, kind_.dtype);
    const std::uint64_t end = next_ + wanted.height;
    for (std::uint64_t at = next_; at < end; at = strip_.y + strip_.height) {
      if (at < strip_.y || at >= strip_.y + strip_.height) decode_strip(at);
      paste(decoded_, strip_, wanted, out);
    }
    next_ = end;  // nothing is read where a strip failed
    return out;
  }

 private:
  // What it is the header says, and nothing is decoded before a row is asked for.
  void take_whole() {
    whole_ = file_.take_all(context_.limits);
    const FileInfo info = file_info(whole_, context_.limits);
    if (info.source_key != "RGB")
      throw Error(ErrorCode::contract, "the file holds a latent, not a picture; use decompress_latent");
    const auto& shape = info.source_shape;
    kind_ = {shape[0], shape[1], static_cast<std::uint32_t>(shape[2]) + (info.has_alpha ? 1 : 0),
             info.sample_type == dtype_name(DType::u16) ? DType::u16 : DType::u8};
    metadata_ = file_metadata(whole_, context_.limits);
    ends_ = {kind_.height};
  }

  void decode_strip(std::uint64_t row) {
    const auto end = std::ranges::upper_bound(ends_, row);
    const std::uint64_t begin = end == ends_.begin() ? 0 : *std::prev(end);
    const Region region{0, begin, kind_.width, *end - begin};
    strip_ = {};
    decoded_ = {};  // before the next one takes as much
    if (picture_) {
      decoded_ = picture_->decode(file_, region, false, context_).image;
      if (digest_) digest_->take(decoded_, begin);
    } else {
      decoded_ = decompress(whole_, context_);
      whole_ = {};
    }
    strip_ = region;
  }

  Reader file_;
  Context context_;
  std::optional<TiledPicture> picture_;
  std::optional<RowDigest> digest_;  ///< what the rows up to here have of it
  Bytes whole_;
  PictureKind kind_;
  PictureMetadata metadata_;
  std::vector<std::uint64_t> ends_;
  Image decoded_;
  Region strip_;  ///< what is decoded
  std::uint64_t next_ = 0;
};

RowReader::RowReader(ByteSource& source, const Context& context) : state_(std::make_unique<State>(source, context)) {}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;
const PictureKind& RowReader::kind() const noexcept { return state_->kind(); }
const PictureMetadata& RowReader::metadata() const noexcept { return state_->metadata(); }
bool RowReader::bounded() const noexcept { return state_->bounded(); }
std::uint64_t RowReader::rows_left() const noexcept { return state_->rows_left(); }
Image RowReader::read(std::uint64_t rows) { return state_->read(rows); }

}  // namespace vaerans
