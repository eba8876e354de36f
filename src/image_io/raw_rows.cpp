#include "vaerans/raw_rows.hpp"

#include <algorithm>
#include <bit>

#include "image_io/raw_formats.hpp"
#include "image_io/readers/pnm.hpp"

namespace vaerans {
namespace {

/// Rows as a PAM of their own, for the reader of whole pictures.
std::string head_of_rows(const PictureKind& kind, std::uint64_t maximum, std::uint64_t rows) {
  return "P7\nWIDTH " + std::to_string(kind.width) + "\nHEIGHT " + std::to_string(rows) + "\nDEPTH " +
         std::to_string(kind.channels) + "\nMAXVAL " + std::to_string(maximum) + "\nENDHDR\n";
}

}  // namespace

RawRowReader::RawRowReader(More more, const Limits& limits) : more_(std::move(more)), limits_(limits) {
  constexpr std::size_t most_head = std::size_t{1} << 16;
  front_.resize(most_head);
  std::size_t filled = 0;
  while (filled < most_head) {
    const std::size_t got = more_(std::span(front_).subspan(filled));
    if (got == 0) break;
    filled += got;
  }
  front_.resize(filled);
  const image_io::RawHead head = image_io::read_raw_head(front_, limits);
  kind_ = {head.height, head.width, head.channels, head.maximum > 255 ? DType::u16 : DType::u8};
  maximum_ = head.maximum;
  front_.erase(front_.begin(), front_.begin() + static_cast<std::ptrdiff_t>(head.raster));
}

Image RawRowReader::read(std::uint64_t rows) {
  const std::string head = head_of_rows(kind_, maximum_, rows);
  Bytes file(head.begin(), head.end());
  file.resize(head.size() + rows * kind_.width * kind_.channels * dtype_size(kind_.dtype));
  fill(std::span(file).subspan(head.size()));
  image_io::Samples samples = image_io::read_pnm(file, limits_, false);
  Image out{rows, kind_.width, std::move(samples.data)};
  out.channels = kind_.channels;
  out.dtype = kind_.dtype;
  return out;
}

void RawRowReader::expect_end() {
  std::size_t filled = front_.size();
  front_.resize(std::max<std::size_t>(filled, 2));
  for (std::size_t got = 1; filled < 2 && got != 0; filled += got) got = more_(std::span(front_).subspan(filled));
  if (filled < 2 || front_[0] != 'P' || front_[1] < '1' || front_[1] > '7') return;
  throw Error(ErrorCode::image_unsupported, "several PNM pictures in one file; give them one by one");
}

void RawRowReader::fill(std::span<std::uint8_t> out) {
  const std::size_t there = std::min(front_.size(), out.size());
  std::copy_n(front_.begin(), there, out.begin());
  front_.erase(front_.begin(), front_.begin() + static_cast<std::ptrdiff_t>(there));
  for (out = out.subspan(there); !out.empty();) {
    const std::size_t got = more_(out);
    if (got == 0) throw Error(ErrorCode::image_unreadable, "damaged or cut short (its pixels end too early)");
    out = out.subspan(got);
  }
}

RawRowWriter::RawRowWriter(ByteSink& out, const PictureKind& kind, const std::string& suffix)
    : out_(out),
      turned_(kind.dtype == DType::u16 && image_io::is_big_endian(suffix) &&
              std::endian::native == std::endian::little) {
  if (!image_io::is_raw(suffix)) {
    throw Error(ErrorCode::invalid_argument, suffix + ": only .ppm, .pgm, .pnm, .pam and .npy are written row by row");
  }
  ImageView view{nullptr, kind.height, kind.width, kind.channels};
  view.dtype = kind.dtype;
  const std::string header = image_io::raw_header(suffix, view);
  out_.write({reinterpret_cast<const std::uint8_t*>(header.data()), header.size()});
}

void RawRowWriter::write(const Image& rows) {
  if (!turned_) return out_.write(rows.rgb);
  Bytes turned = rows.rgb;
  for (std::size_t i = 0; i + 1 < turned.size(); i += 2) std::swap(turned[i], turned[i + 1]);
  out_.write(turned);
}

}  // namespace vaerans
