#include "image_io/metadata/exif_fields.hpp"

#include <algorithm>
#include <array>

namespace vaerans::image_io {
namespace {

constexpr std::size_t kEntryBytes = 12, kInlineBytes = 4;
constexpr std::uint16_t kLong = 4;
constexpr std::array<std::uint16_t, 3> kDirectories{0x8769, 0x8825, 0xA005};  // EXIF, GPS, interoperability
/// Fields of the first directory that are about the picture.
constexpr std::array<std::uint16_t, 17> kAboutPicture{0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B,
                                                      0x013C, 0x4746, 0x4749, 0x8298, 0x8769, 0x8825,
                                                      0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F};
/// By a field's type, from 1 on: how many bytes a value has, and how many of them turn with the byte order.
constexpr std::array<std::uint8_t, 13> kValueBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
constexpr std::array<std::uint8_t, 13> kTurnedBytes{0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8};

template <std::size_t n>
bool holds(const std::array<std::uint16_t, n>& tags, std::uint16_t tag) {
  return std::ranges::find(tags, tag) != tags.end();
}

}  // namespace

ExifReader::ExifReader(std::span<const std::uint8_t> file, bool big, std::uint64_t most)
    : file_(file, !file.empty() && file[0] == 'M'),
      wide_(file_.u16(2) == 43),
      word_(wide_ ? 8 : 4),
      turned_((file[0] == 'M') != big),
      left_(most) {}

ExifFields ExifReader::directory(std::uint64_t at, unsigned depth) {
  if (depth > 2) damaged_picture("EXIF's directories are too deep");
  const unsigned count_bytes = wide_ ? 8 : 2, entry_bytes = wide_ ? 20 : 12;
  const std::uint64_t count = file_.number(at, count_bytes);
  ExifFields out;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t entry = at + count_bytes + i * entry_bytes;
    if (depth == 0 && !holds(kAboutPicture, file_.u16(entry))) continue;
    spend(entry_bytes);
    ExifField found = field(entry, depth);
    if (found.type != 0) out.push_back(std::move(found));
  }
  return out;
}

/// Type 0: of a type that EXIF does not know.
ExifField ExifReader::field(std::uint64_t entry, unsigned depth) {
  constexpr std::uint16_t long8 = 16, directory8 = 18;
  const std::uint16_t type = file_.u16(entry + 2);
  ExifField out{file_.u16(entry), type, 0, {}, {}};
  if (holds(kDirectories, out.tag)) {
    const unsigned bytes = type == long8 || type == directory8 ? 8 : 4;
    out.type = kLong;
    out.below = directory(file_.number(entry + 4 + word_, bytes), depth + 1);
    return out;
  }
  const std::uint64_t count = file_.number(entry + 4, word_);
  if (type == 0 || type >= kValueBytes.size()) return {};
  if (count > file_.size()) damaged_picture("EXIF ends too early");
  out.count = static_cast<std::uint32_t>(count);
  out.value = value_of(out, entry);
  return out;
}

/// What lies over each other could be many times as long as all of the file.
void ExifReader::spend(std::uint64_t bytes) {
  if (bytes > left_) damaged_picture("EXIF's parts lie over each other, or are too many");
  left_ -= bytes;
}

Bytes ExifReader::value_of(const ExifField& field, std::uint64_t entry) {
  const std::uint64_t bytes = std::uint64_t{kValueBytes.at(field.type)} * field.count;
  spend(bytes);
  const std::uint64_t inside = entry + 4 + word_;
  const auto stored = file_.part(bytes <= word_ ? inside : file_.number(inside, word_), bytes).bytes();
  Bytes out(stored.begin(), stored.end());
  const auto turned = static_cast<std::ptrdiff_t>(kTurnedBytes.at(field.type));
  for (auto at = out.begin(); turned_ && out.end() - at >= turned; at += turned) std::reverse(at, at + turned);
  return out;
}

void ExifWriter::first_directory(const ExifFields& fields, const std::vector<Bytes>& kept) {
  constexpr std::size_t place_at = 4;
  const std::uint32_t place = directory(fields, kept);
  put_into(file_, place_at, place, 4);
}

std::uint32_t ExifWriter::directory(const ExifFields& fields, const std::vector<Bytes>& kept) {
  std::vector<Bytes> entries = kept;
  for (const ExifField& field : fields) entries.push_back(entry_of(field));
  std::ranges::sort(entries, {}, [&](const Bytes& entry) { return ByteView(entry, big_).u16(0); });
  const std::uint32_t place = align();
  put(entries.size(), 2);
  for (const Bytes& entry : entries) file_.insert(file_.end(), entry.begin(), entry.end());
  put(0, 4);  // no further picture
  return place;
}

Bytes ExifWriter::entry_of(const ExifField& field) {
  Bytes entry(kEntryBytes);
  const bool leads = holds(kDirectories, field.tag);
  put_into(entry, 0, field.tag, 2);
  put_into(entry, 2, leads ? kLong : field.type, 2);
  put_into(entry, 4, leads ? 1 : field.count, 4);
  if (leads) {
    put_into(entry, 8, directory(field.below, {}), 4);
  } else if (field.value.size() <= kInlineBytes) {
    std::ranges::copy(field.value, entry.begin() + 8);
  } else {
    put_into(entry, 8, align(), 4);
    file_.insert(file_.end(), field.value.begin(), field.value.end());
  }
  return entry;
}

/// Whatever is pointed to begins at an even place.
std::uint32_t ExifWriter::align() {
  if (file_.size() % 2 != 0) file_.push_back(0);
  return static_cast<std::uint32_t>(file_.size());
}

void ExifWriter::put(std::uint64_t value, unsigned bytes) {
  file_.resize(file_.size() + bytes);
  put_into(file_, file_.size() - bytes, value, bytes);
}

void ExifWriter::put_into(Bytes& out, std::size_t at, std::uint64_t value, unsigned bytes) const {
  for (unsigned i = 0; i < bytes; ++i)
    out[at + i] = static_cast<std::uint8_t>(value >> (8 * (big_ ? bytes - 1 - i : i)));
}

}  // namespace vaerans::image_io
