// EXIF's fields put into the directory of a TIFF file, and taken out of it as a block of EXIF.
#include <algorithm>
#include <optional>
#include <vector>

#include "image_io/metadata/collect.hpp"
#include "image_io/metadata/embed.hpp"
#include "image_io/metadata/exif_fields.hpp"

namespace vaerans::image_io {
namespace {

constexpr std::size_t kEntryBytes = 12;

/// Nothing where EXIF is damaged: it is then said to be dropped.
std::optional<ExifFields> picture_fields(const Bytes& exif, bool big) {
  try {
    return ExifReader(exif, big, 2 * exif.size()).first();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<Bytes> entries_at(const ByteView& file, std::uint64_t at) {
  std::vector<Bytes> out;
  for (unsigned i = 0; i < file.u16(at); ++i) {
    const auto entry = file.part(at + 2 + std::uint64_t{kEntryBytes} * i, kEntryBytes).bytes();
    out.emplace_back(entry.begin(), entry.end());
  }
  return out;
}

}  // namespace

bool tiff_holds_exif(const Bytes& exif) { return picture_fields(exif, false).has_value(); }

Bytes embed_in_tiff(const Bytes& file, const PictureMetadata& metadata) {
  const bool big = file.at(0) == 'M';
  const ByteView view(file, big);
  auto fields = metadata.exif.empty() ? std::nullopt : picture_fields(metadata.exif, big);
  const std::uint64_t room = file.size() + 4 * metadata.exif.size();
  if (!fields || view.u16(2) != 42 || room > UINT32_MAX) return file;
  const std::vector<Bytes> own = entries_at(view, view.u32(4));
  std::erase_if(*fields, [&](const ExifField& field) {
    return std::ranges::any_of(own, [&](const Bytes& entry) { return ByteView(entry, big).u16(0) == field.tag; });
  });
  Bytes out = file;
  ExifWriter(out, big).first_directory(*fields, own);
  return out;
}

Bytes exif_in_tiff(std::span<const std::uint8_t> file, std::uint64_t directory) {
  constexpr std::uint64_t most = 64ULL << 20;  // no EXIF comes near it
  const bool big = !file.empty() && file[0] == 'M';
  try {
    const ExifFields fields = ExifReader(file, big, most).at(directory);
    if (fields.empty()) return {};
    const auto mark = static_cast<std::uint8_t>(big ? 'M' : 'I');
    Bytes out{mark, mark, static_cast<std::uint8_t>(big ? 0 : 42), static_cast<std::uint8_t>(big ? 42 : 0), 0, 0, 0, 0};
    ExifWriter(out, big).first_directory(fields);
    return out;
  } catch (const Error&) {
    return {};  // damaged; the pixels may be right all the same
  }
}

}  // namespace vaerans::image_io
