// TIFF and BigTIFF: how many pictures, and what kind the first one is (TIFF 6.0; Adobe's technical notes for SubIFDs).
#include <algorithm>
#include <map>
#include <vector>

#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {
namespace {

enum Tag : std::uint16_t {
  new_subfile_type = 254,
  old_subfile_type = 255,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  samples_per_pixel = 277,
  ink_set = 332,
  extra_samples = 338,
  sample_format = 339,
  dng_version = 50706,
};

struct Directory {
  std::uint64_t at = 0;                           ///< where it stands in the file
  std::map<std::uint16_t, std::uint64_t> values;  ///< the first of each tag, as far as it is a whole number
};

std::uint64_t value_or(const Directory& directory, Tag tag, std::uint64_t otherwise) {
  const auto found = directory.values.find(tag);
  return found == directory.values.end() ? otherwise : found->second;
}

class Reader {
 public:
  explicit Reader(const ByteView& file)
      : file_(file.bytes(), file.u8(0) == 'M'), big_tiff_(file_.u16(2) == 43), word_(big_tiff_ ? 8 : 4) {}

  [[nodiscard]] std::vector<Directory> directories() const {
    constexpr std::size_t most = 1 << 16;
    std::vector<Directory> all;
    std::uint64_t at = file_.number(big_tiff_ ? 8 : 4, word_);
    while (at != 0) {
      if (all.size() == most) throw Error(ErrorCode::limit_exceeded, "more than 65536 pages, or pages in a circle");
      // A broken chain after good pages: libtiff, too, takes the pages before.
      if (!all.empty() && !file_.holds(at, word_)) break;
      all.push_back(directory(at));
      at = next_;
    }
    return all;
  }

 private:
  [[nodiscard]] Directory directory(std::uint64_t at) const {
    Directory directory{at, {}};
    const unsigned count_bytes = big_tiff_ ? 8 : 2, entry_bytes = big_tiff_ ? 20 : 12;
    const std::uint64_t count = file_.number(at, count_bytes);
    if (count > file_.size() / entry_bytes) (void)file_.part(at, file_.size());
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t entry = at + count_bytes + i * entry_bytes;
      directory.values.emplace(file_.u16(entry), first_value(entry));
    }
    const std::uint64_t link = at + count_bytes + count * entry_bytes;
    next_ = file_.holds(link, word_) ? file_.number(link, word_) : 0;
    return directory;
  }
  [[nodiscard]] std::uint64_t first_value(std::uint64_t entry) const {
    const unsigned bytes = size_of(file_.u16(entry + 2));
    if (bytes == 0) return 0;
    const std::uint64_t count = file_.number(entry + 4, word_), inside = entry + 4 + word_;
    const std::uint64_t where = count <= word_ / bytes ? inside : file_.number(inside, word_);
    return file_.holds(where, bytes) ? file_.number(where, bytes) : 0;
  }
  /// Bytes of one value of a type that holds whole numbers.
  static unsigned size_of(unsigned type) {
    switch (type) {
      case 1:
      case 6: return 1;
      case 3:
      case 8: return 2;
      case 4:
      case 9:
      case 13: return 4;
      case 16:
      case 17:
      case 18: return 8;
      default: return 0;
    }
  }
  ByteView file_;
  bool big_tiff_;
  unsigned word_;
  mutable std::uint64_t next_ = 0;
};

/// Smaller copies, previews and masks are no pictures of their own.
bool is_picture(const Directory& directory) {
  constexpr std::uint64_t reduced = 1, mask = 4, old_reduced = 2;
  return (value_or(directory, new_subfile_type, 0) & (reduced | mask)) == 0 &&
         value_or(directory, old_subfile_type, 0) != old_reduced;
}

void require_known_colours(const Directory& page) {
  constexpr std::uint64_t old_jpeg = 6, jpeg = 7;
  const std::uint64_t how = value_or(page, compression, 1), colours = value_or(page, photometric, 1);
  if (how == old_jpeg) refuse_picture("a TIFF picture of the old kind of JPEG compression");
  switch (colours) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 8: return;
    case 5:
      if (value_or(page, ink_set, 1) == 1) return;
      refuse_picture("a TIFF picture of other inks than CMYK");
    case 6:
      if (how == jpeg) return;
      refuse_picture(
          "a TIFF picture in YCbCr without JPEG compression, whose colours libvips does not convert; Pillow's "
          "img.convert('RGB') does");
    case 32803:
    case 34892: refuse_picture("a camera's raw picture; develop it first");
    default: refuse_picture("a TIFF picture of colour space " + std::to_string(colours));
  }
}

/// The channels that a PhotometricInterpretation asks for.
std::uint64_t colour_channels(std::uint64_t space) {
  constexpr std::uint64_t rgb = 2, separated = 5, ycbcr = 6, cielab = 8;
  if (space == separated) return 4;
  return space == rgb || space == ycbcr || space == cielab ? 3 : 1;
}

/// Channels beyond those of the colour space: one of alpha is known, others are not.
void require_known_channels(const Directory& page) {
  constexpr std::uint64_t unspecified = 0;
  const std::uint64_t channels = value_or(page, samples_per_pixel, 1);
  const std::uint64_t colours = colour_channels(value_or(page, photometric, 1));
  if (channels == colours) return;
  if (channels != colours + 1 || value_or(page, extra_samples, unspecified) == unspecified)
    refuse_picture("a TIFF picture with channels of unknown meaning (" + std::to_string(channels) + " in all)");
}

void require_known_samples(const Directory& page) {
  constexpr std::uint64_t unsigned_numbers = 1, floats = 3, undefined = 4;
  const std::uint64_t kind = value_or(page, sample_format, 1), bits = value_or(page, bits_per_sample, 1);
  const bool lab = value_or(page, photometric, 1) == 8;
  if (kind == floats)
    refuse_picture("a floating-point picture: which value is white, it does not say; scale it to 8 bits first");
  if (kind != unsigned_numbers && kind != undefined && !lab)
    refuse_picture("a TIFF picture of signed or complex samples");
  if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16)
    refuse_picture("a TIFF picture of " + std::to_string(bits) + " bits per sample; 1, 2, 4, 8 and 16 are read");
}

}  // namespace

void inspect_tiff(const ByteView& file, Facts& facts) {
  const std::vector<Directory> pages = Reader(file).directories();
  if (pages.empty()) damaged_picture("there is no page in it");
  const auto first = std::ranges::find_if(pages, is_picture);
  if (pages.front().values.contains(dng_version) || first == pages.end())
    refuse_picture("a camera's raw picture, or a preview without its picture; develop it first");
  facts.pictures = static_cast<std::uint64_t>(std::ranges::count_if(pages, is_picture));
  facts.page = static_cast<std::uint64_t>(first - pages.begin());
  facts.directory = first->at;
  require_known_colours(*first);
  require_known_samples(*first);
  require_known_channels(*first);
}

}  // namespace vaerans::image_io
