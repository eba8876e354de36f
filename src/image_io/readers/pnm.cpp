#include "image_io/readers/pnm.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "image_io/formats/byte_view.hpp"

namespace vaerans::image_io {
namespace {

[[noreturn]] void damaged(const std::string& what) { damaged_picture("PNM: " + what); }

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Words of the header, between spaces and comments.
class Words {
 public:
  Words(std::span<const std::uint8_t> file, std::size_t at) : file_(file), at_(at) {}

  std::string next() {
    skip_space();
    std::string word;
    while (at_ < file_.size() && !is_space(file_[at_]) && file_[at_] != '#') word += static_cast<char>(file_[at_++]);
    if (word.empty()) damaged("its header ends too early");
    return word;
  }
  std::uint64_t number() {
    const std::string word = next();
    const bool digits = std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || word.size() > 18) damaged("'" + word.substr(0, 20) + "' is no number of its header");
    return std::stoull(word);
  }
  [[nodiscard]] bool ended() {
    skip_space();
    return at_ == file_.size();
  }
  /// A binary raster begins after exactly one space.
  [[nodiscard]] std::size_t raster() const { return std::min(at_ + 1, file_.size()); }
  /// One 0 or 1 of a plain PBM, where spaces are optional.
  unsigned bit() {
    skip_space();
    const unsigned value = at_ < file_.size() ? file_[at_++] - unsigned{'0'} : 2;
    if (value > 1) damaged("a pixel that is neither 0 nor 1, or missing");
    return value;
  }

 private:
  void skip_space() {
    while (at_ < file_.size() && (is_space(file_[at_]) || file_[at_] == '#')) {
      if (file_[at_] == '#')
        while (at_ < file_.size() && file_[at_] != '\n' && file_[at_] != '\r') ++at_;
      else
        ++at_;
    }
  }
  std::span<const std::uint8_t> file_;
  std::size_t at_;
};

struct Header {
  std::uint64_t width = 0, height = 0, maximum = 1;
  unsigned channels = 1;
  [[nodiscard]] std::uint64_t samples() const { return width * height * channels; }
};

unsigned channels_of(const std::string& kind, std::uint64_t depth) {
  constexpr std::pair<const char*, unsigned> kinds[] = {
      {"BLACKANDWHITE", 1},   {"GRAYSCALE", 1}, {"RGB", 3}, {"BLACKANDWHITE_ALPHA", 2},
      {"GRAYSCALE_ALPHA", 2}, {"RGB_ALPHA", 4}, {"", 0}};
  for (const auto& [name, channels] : kinds) {
    if (kind == name && (depth == channels || (channels == 0 && depth <= 4))) return static_cast<unsigned>(depth);
  }
  refuse_picture("a PAM picture of " + std::to_string(depth) + " channels of kind '" + kind.substr(0, 40) + "'");
}

Header pam_header(Words& words) {
  Header header;
  std::uint64_t depth = 0;
  std::string kind;
  header.maximum = 0;
  for (std::string word = words.next(); word != "ENDHDR"; word = words.next()) {
    if (word == "WIDTH")
      header.width = words.number();
    else if (word == "HEIGHT")
      header.height = words.number();
    else if (word == "DEPTH")
      depth = words.number();
    else if (word == "MAXVAL")
      header.maximum = words.number();
    else if (word == "TUPLTYPE")
      kind = words.next();
    else
      damaged("'" + word.substr(0, 20) + "' in its header");
  }
  if (depth == 0) damaged("no channels");
  header.channels = channels_of(kind, depth);
  return header;
}

Header pnm_header(Words& words, char magic) {
  Header header;
  header.width = words.number();
  header.height = words.number();
  if (magic != '1' && magic != '4') header.maximum = words.number();
  header.channels = magic == '3' || magic == '6' ? 3 : 1;
  return header;
}

/// Writes scaled samples one after the other.
class Writer {
 public:
  Writer(const Header& header, bool tolerant) : maximum_(header.maximum), tolerant_(tolerant) {
    out.height = header.height;
    out.width = header.width;
    out.channels = header.channels;
    out.deep = header.maximum > 255;
    out.data.resize(header.samples() * (out.deep ? 2 : 1));
  }
  void put(std::uint64_t value) {
    if (value > maximum_ && !tolerant_) damaged("a sample of " + std::to_string(value) + ", over the maximum");
    value = std::min(value, maximum_);
    if (!out.deep) {
      out.data[at_++] = static_cast<std::uint8_t>(rescaled(value, maximum_, 255));
      return;
    }
    const auto scaled = static_cast<std::uint16_t>(rescaled(value, maximum_, 65535));
    std::memcpy(&out.data[at_], &scaled, sizeof scaled);
    at_ += sizeof scaled;
  }
  Samples out;

 private:
  std::uint64_t maximum_;
  bool tolerant_;
  std::size_t at_ = 0;
};

/// At least so many bytes are needed for the samples: checked before memory is taken for them.
void require_bytes(std::uint64_t needed, std::uint64_t there, bool tolerant) {
  if (there < needed && !tolerant)
    damaged(std::to_string(there) + " of " + std::to_string(needed) + " bytes of pixels are there");
}

void read_bits(std::span<const std::uint8_t> raster, const Header& header, Writer& writer) {
  const std::uint64_t row = (header.width + 7) / 8;
  for (std::uint64_t y = 0; y < header.height; ++y) {
    for (std::uint64_t x = 0; x < header.width; ++x) {
      const std::uint64_t at = y * row + x / 8;
      if (at >= raster.size()) return;
      writer.put(1 - (raster[at] >> (7 - x % 8) & 1));
    }
  }
}

void read_bytes(std::span<const std::uint8_t> raster, const Header& header, Writer& writer) {
  const std::size_t each = header.maximum > 255 ? 2 : 1;
  const std::uint64_t count = std::min<std::uint64_t>(header.samples(), raster.size() / each);
  for (std::uint64_t i = 0; i < count; ++i)
    writer.put(each == 1 ? raster[i] : std::uint64_t{raster[2 * i]} << 8 | raster[2 * i + 1]);
}

void read_plain(Words& words, const Header& header, bool bits, bool tolerant, Writer& writer) {
  for (std::uint64_t i = 0; i < header.samples(); ++i) {
    if (tolerant && words.ended()) return;
    writer.put(bits ? 1 - words.bit() : words.number());
  }
}

/// A raw file may hold several pictures, one after the other.
void require_one_picture(std::span<const std::uint8_t> rest) {
  if (rest.size() > 2 && rest[0] == 'P' && rest[1] >= '1' && rest[1] <= '7' && is_space(rest[2]))
    refuse_picture("several PNM pictures in one file; vaerans takes one picture");
}

Header checked_header(Words& words, char magic, const Limits& limits) {
  const Header header = magic == '7' ? pam_header(words) : pnm_header(words, magic);
  if (header.maximum == 0 || header.maximum > 65535) damaged("a maximum that is not between 1 and 65535");
  if (header.width == 0 || header.height == 0) damaged("a picture without pixels");
  require_limits(header.height, header.width, limits);
  return header;
}

}  // namespace

RawHead read_raw_head(std::span<const std::uint8_t> front, const Limits& limits) {
  const bool raw = front.size() > 2 && front[0] == 'P' && front[1] >= '5' && front[1] <= '7';
  if (!raw) refuse_picture("no raw PGM, PPM or PAM (P5, P6, P7): only these are read row by row");
  Words words(front, 2);
  const Header header = checked_header(words, static_cast<char>(front[1]), limits);
  return {header.height, header.width, header.maximum, header.channels, words.raster()};
}

Samples read_pnm(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant) {
  const char magic = static_cast<char>(file[1]);
  Words words(file, 2);
  const Header header = checked_header(words, magic, limits);
  const bool plain = magic >= '1' && magic <= '3';
  const std::span<const std::uint8_t> raster = file.subspan(words.raster());
  const std::uint64_t packed = (header.width + 7) / 8 * header.height;
  const std::uint64_t sized = header.samples() * (header.maximum > 255 ? 2 : 1);
  std::uint64_t needed = sized;
  if (magic == '4') needed = packed;
  // A plain sample is at least a digit and, but for bits, a space.
  if (plain) needed = magic == '1' ? header.samples() : 2 * header.samples() - 1;
  require_bytes(needed, raster.size(), tolerant);
  Writer writer(header, tolerant);
  if (plain) {
    read_plain(words, header, magic == '1', tolerant, writer);
  } else {
    magic == '4' ? read_bits(raster, header, writer) : read_bytes(raster, header, writer);
    if (needed <= raster.size()) require_one_picture(raster.subspan(needed));
  }
  return std::move(writer.out);
}

}  // namespace vaerans::image_io
