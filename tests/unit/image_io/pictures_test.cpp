// The makers of pictures.hpp, and tests that the pictures they make are sound.
#include "pictures.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <algorithm>
#include <cmath>

namespace vaerans::test {
namespace {

void put_u32(Bytes& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}
void put_text(Bytes& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }
void put(Bytes& out, const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes deflated(const Bytes& raw) {
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  Bytes packed(size);
  ::compress(packed.data(), &size, raw.data(), static_cast<uLong>(raw.size()));
  packed.resize(size);
  return packed;
}

void put_chunk(Bytes& out, std::string_view type, const Bytes& content) {
  put_u32(out, static_cast<std::uint32_t>(content.size()));
  const std::size_t start = out.size();
  put_text(out, type);
  put(out, content);
  put_u32(out, static_cast<std::uint32_t>(crc32(0, out.data() + start, static_cast<uInt>(out.size() - start))));
}

/// s15Fixed16Number of ICC.1:2001-04, 5.3.
std::uint32_t fixed16(double value) { return static_cast<std::uint32_t>(std::lround(value * 65536)); }

Bytes xyz_tag(const double (&xyz)[3]) {
  Bytes tag;
  put_text(tag, "XYZ ");
  put_u32(tag, 0);
  for (const double v : xyz) put_u32(tag, fixed16(v));
  return tag;
}

Bytes gamma_tag(double gamma) {
  Bytes tag;
  put_text(tag, "curv");
  put_u32(tag, 0);
  put_u32(tag, 1);
  put_u32(tag, static_cast<std::uint32_t>(std::lround(gamma * 256)) << 16);  // u8Fixed8Number and two bytes of padding
  return tag;
}

Bytes profile_header(std::uint32_t size) {
  Bytes header;
  put_u32(header, size);
  put_u32(header, 0);
  put_u32(header, 0x02400000);  // version 2.4
  put_text(header, "mntrRGB XYZ ");
  header.resize(36);
  put_text(header, "acsp");
  header.resize(68);
  for (const double v : {0.9642, 1.0, 0.8249}) put_u32(header, fixed16(v));  // the D50 illuminant
  header.resize(128);
  return header;
}

}  // namespace

Bytes make_png(const PngSpec& spec, const Bytes& raw) {
  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  Bytes header;
  put_u32(header, spec.width);
  put_u32(header, spec.height);
  header.insert(header.end(), {static_cast<std::uint8_t>(spec.bits), static_cast<std::uint8_t>(spec.color), 0, 0, 0});
  put_chunk(png, "IHDR", header);
  for (const auto& [type, content] : spec.chunks) put_chunk(png, type, content);
  put_chunk(png, "IDAT", deflated(raw));
  put_chunk(png, "IEND", {});
  return png;
}

Bytes make_icc_profile(const double (&red)[3], const double (&green)[3], const double (&blue)[3], double gamma) {
  const std::vector<std::pair<std::string, Bytes>> tags = {{"wtpt", xyz_tag({0.9642, 1.0, 0.8249})},
                                                           {"rXYZ", xyz_tag(red)},
                                                           {"gXYZ", xyz_tag(green)},
                                                           {"bXYZ", xyz_tag(blue)},
                                                           {"rTRC", gamma_tag(gamma)},
                                                           {"gTRC", gamma_tag(gamma)},
                                                           {"bTRC", gamma_tag(gamma)}};
  Bytes table, content;
  const std::size_t first = 128 + 4 + tags.size() * 12;
  put_u32(table, static_cast<std::uint32_t>(tags.size()));
  for (const auto& [name, tag] : tags) {
    put_text(table, name);
    put_u32(table, static_cast<std::uint32_t>(first + content.size()));
    put_u32(table, static_cast<std::uint32_t>(tag.size()));
    put(content, tag);
  }
  Bytes profile = profile_header(static_cast<std::uint32_t>(first + content.size()));
  put(profile, table);
  put(profile, content);
  return profile;
}

Bytes iccp_chunk(const Bytes& profile) {
  Bytes chunk = {'t', 'e', 's', 't', 0, 0};  // name, compression method
  put(chunk, deflated(profile));
  return chunk;
}

Bytes with_exif_orientation(const Bytes& jpeg, std::uint8_t orientation) {
  // TIFF header, one directory of one entry: tag 0x0112, type SHORT, one value.
  const Bytes exif = {'E',  'x',  'i', 'f', 0, 0, 'I', 'I', 42,          0, 8, 0, 0, 0, 1, 0,
                      0x12, 0x01, 3,   0,   1, 0, 0,   0,   orientation, 0, 0, 0, 0, 0, 0, 0};
  const std::size_t length = exif.size() + 2;
  Bytes out(jpeg.begin(), jpeg.begin() + 2);
  out.insert(out.end(), {0xFF, 0xE1, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
  put(out, exif);
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

Image gradient(std::uint64_t height, std::uint64_t width) {
  Image image{height, width, {}};
  for (std::uint64_t y = 0; y < height; ++y) {
    for (std::uint64_t x = 0; x < width; ++x) {
      for (const std::uint64_t v : {x * 255 / width, y * 255 / height, (x + y) * 3 % 256}) {
        image.rgb.push_back(static_cast<std::uint8_t>(v));
      }
    }
  }
  return image;
}

TEST(MadePictures, OurPngIsRead) {
  const PngSpec spec;
  const Image image =
      read_image(make_png(spec, png_samples(spec, 3, [](auto x, auto y, auto c) { return x * 60 + y + c; })));
  EXPECT_EQ(image.width, 4U);
  EXPECT_EQ(image.height, 3U);
  EXPECT_EQ(image.rgb.at(3), 60);
  EXPECT_EQ(image.rgb.at(12 + 2), 3);
}

}  // namespace vaerans::test
