// EXIF in TIFF (EXIF 2.3, section 4.5): its fields stand in the picture's own directory and in directories below that,
// all with places in the whole file and in its byte order. So they are written anew, value by value.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "image_io/formats/byte_view.hpp"
#include "image_io/metadata/embed.hpp"

namespace vaerans::image_io {
namespace {

constexpr std::size_t kEntryBytes = 12, kInlineBytes = 4;
constexpr std::uint16_t kLong = 4;
constexpr std::array<std::uint16_t, 3> kDirectories{0x8769, 0x8825, 0xA005};  // EXIF, GPS, interoperability
/// Fields of EXIF's first directory that are about the picture and not about how a thumbnail or file is laid out.
constexpr std::array<std::uint16_t, 17> kAboutPicture{0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B,
                                                      0x013C, 0x4746, 0x4749, 0x8298, 0x8769, 0x8825,
                                                      0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F};
/// By a field's type, from 1 on: how many bytes a value has, and how many of them turn with the byte order.
constexpr std::array<std::uint8_t, 13> kValueBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
constexpr std::array<std::uint8_t, 13> kTurnedBytes{0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8};

struct Field {
  std::uint16_t tag = 0, type = 0;
  std::uint32_t count = 0;
  Bytes value;               ///< in the byte order of the file that is written
  std::vector<Field> below;  ///< where the field leads to a directory
};
using Fields = std::vector<Field>;

bool is_directory(std::uint16_t tag) { return std::ranges::find(kDirectories, tag) != kDirectories.end(); }

/// Reads EXIF's directories; damage throws.
class FieldReader {
 public:
  FieldReader(const Bytes& exif, bool big)
      : exif_(exif, exif.at(0) == 'M'), turned_((exif.at(0) == 'M') != big), left_(2 * exif.size()) {}

  Fields first() { return directory(exif_.u32(4), 0); }

 private:
  Fields directory(std::uint64_t at, unsigned depth) {
    if (depth > 2) damaged_picture("EXIF's directories are too deep");
    Fields out;
    for (unsigned i = 0; i < exif_.u16(at); ++i) {
      const ByteView entry = exif_.part(at + 2 + std::uint64_t{kEntryBytes} * i, kEntryBytes);
      Field field{entry.u16(0), entry.u16(2), entry.u32(4), {}, {}};
      spend(kEntryBytes);
      if (field.type == 0 || field.type >= kValueBytes.size()) continue;  // a type that a later TIFF may have
      if (is_directory(field.tag)) {
        field.below = directory(entry.u32(8), depth + 1);
      } else {
        field.value = value_of(field, entry, at + 2 + std::uint64_t{kEntryBytes} * i);
      }
      out.push_back(std::move(field));
    }
    return out;
  }

  /// What lies over each other could be many times as long as all of EXIF.
  void spend(std::uint64_t bytes) {
    if (bytes > left_) damaged_picture("EXIF's parts lie over each other");
    left_ -= bytes;
  }

  Bytes value_of(const Field& field, const ByteView& entry, std::uint64_t entry_at) {
    const std::uint64_t bytes = std::uint64_t{kValueBytes.at(field.type)} * field.count;
    spend(bytes);
    const auto stored = exif_.part(bytes <= kInlineBytes ? entry_at + 8 : entry.u32(8), bytes).bytes();
    Bytes out(stored.begin(), stored.end());
    const auto turned = static_cast<std::ptrdiff_t>(kTurnedBytes.at(field.type));
    for (auto at = out.begin(); turned_ && out.end() - at >= turned; at += turned) std::reverse(at, at + turned);
    return out;
  }

  ByteView exif_;
  bool turned_;
  std::uint64_t left_;
};

/// Appends directories to a TIFF file.
class FieldWriter {
 public:
  FieldWriter(Bytes& file, bool big) : file_(file), big_(big) {}

  /// The fields of a file's own directory stay as they are: `kept` are their entries. Gives the place.
  std::uint32_t directory(const Fields& fields, const std::vector<Bytes>& kept = {}) {
    std::vector<Bytes> entries = kept;
    for (const Field& field : fields) entries.push_back(entry_of(field));
    std::ranges::sort(entries, {}, [&](const Bytes& entry) { return ByteView(entry, big_).u16(0); });
    const std::uint32_t place = align();
    put(entries.size(), 2);
    for (const Bytes& entry : entries) file_.insert(file_.end(), entry.begin(), entry.end());
    put(0, 4);  // no further picture
    return place;
  }

  void put_at(std::size_t at, std::uint64_t value, unsigned bytes) { put_into(file_, at, value, bytes); }

 private:
  Bytes entry_of(const Field& field) {
    Bytes entry(kEntryBytes);
    const bool leads = is_directory(field.tag);
    put_into(entry, 0, field.tag, 2);
    put_into(entry, 2, leads ? kLong : field.type, 2);
    put_into(entry, 4, leads ? 1 : field.count, 4);
    if (leads) {
      put_into(entry, 8, directory(field.below), 4);
    } else if (field.value.size() <= kInlineBytes) {
      for (std::size_t i = 0; i < field.value.size(); ++i) entry[8 + i] = field.value[i];
    } else {
      put_into(entry, 8, align(), 4);
      file_.insert(file_.end(), field.value.begin(), field.value.end());
    }
    return entry;
  }

  /// Whatever is pointed to begins at an even place.
  std::uint32_t align() {
    if (file_.size() % 2 != 0) file_.push_back(0);
    return static_cast<std::uint32_t>(file_.size());
  }
  void put(std::uint64_t value, unsigned bytes) {
    file_.resize(file_.size() + bytes);
    put_at(file_.size() - bytes, value, bytes);
  }
  void put_into(Bytes& out, std::size_t at, std::uint64_t value, unsigned bytes) const {
    for (unsigned i = 0; i < bytes; ++i) {
      out[at + i] = static_cast<std::uint8_t>(value >> (8 * (big_ ? bytes - 1 - i : i)));
    }
  }

  Bytes& file_;
  bool big_;
};

/// Nothing where EXIF is damaged: it is then said to be dropped.
std::optional<Fields> picture_fields(const Bytes& exif, bool big) {
  try {
    Fields fields = FieldReader(exif, big).first();
    std::erase_if(fields,
                  [](const Field& f) { return std::ranges::find(kAboutPicture, f.tag) == kAboutPicture.end(); });
    return fields;
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
  std::erase_if(*fields, [&](const Field& field) {
    return std::ranges::any_of(own, [&](const Bytes& entry) { return ByteView(entry, big).u16(0) == field.tag; });
  });
  Bytes out = file;
  FieldWriter writer(out, big);
  const std::uint32_t place = writer.directory(*fields, own);
  writer.put_at(4, place, 4);
  return out;
}

}  // namespace vaerans::image_io
