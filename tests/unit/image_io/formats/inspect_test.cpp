// inspect: kinds of pictures that the installed decoders get wrong are refused by their headers, made here byte by
// byte.
#include "image_io/formats/inspect.hpp"

#include <gtest/gtest.h>
#include <string>

#include "image_io/formats/byte_view.hpp"

namespace vaerans::test {
namespace {

using image_io::Facts;
using image_io::Format;
using namespace std::string_literals;

Facts inspect(const std::string& file) {
  return image_io::inspect({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()});
}

/// The text of the Error(image_unsupported), or "" where the header is accepted.
std::string refusal(const std::string& file) {
  try {
    (void)inspect(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::image_unsupported) << error.what();
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string big(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::string box(const std::string& type, const std::string& content) {
  return big(content.size() + 8, 4) + type + content;
}

/// A JPEG 2000 codestream up to its components.
std::string codestream(unsigned capabilities, const std::string& depths) {
  std::string components;
  for (const char depth : depths) components += depth + "\1\1"s;
  return "\xFF\x4F\xFF\x51"s + big(38 + components.size(), 2) + big(capabilities, 2) + std::string(32, '\1') +
         big(depths.size(), 2) + components;
}
std::string jp2(const std::string& boxes, const std::string& stream = codestream(0, "\7\7\7")) {
  return "\0\0\0\x0CjP  \r\n\x87\n"s + box("jp2h", boxes) + box("jp2c", stream);
}
std::string colours(unsigned space) { return box("colr", "\1\0\0"s + big(space, 4)); }

TEST(Inspect, TellsFormatsByTheirFirstBytes) {
  EXPECT_EQ(inspect("\xFF\xD8\xFF\xE0").format, Format::jpeg);
  EXPECT_EQ(inspect("P4 8 1\n").format, Format::pnm);
  EXPECT_THROW((void)inspect("dear diary"), Error);
  EXPECT_TRUE(has(refusal("\x76\x2F\x31\x01"), "light beyond white"));
  EXPECT_TRUE(has(refusal("#?RADIANCE\n"), "light beyond white"));
  EXPECT_TRUE(has(refusal("8BPS"), "Photoshop"));
}

TEST(Inspect, PixelsThatAreMissingInGif) {
  const auto gif = [](const std::string& codes) {
    const std::string screen = "GIF89a\2\0\2\0\x80\0\0"s + std::string(6, '\0');
    return screen + ",\0\0\0\0\2\0\2\0\0\2"s + static_cast<char>(codes.size()) + codes + "\0;"s;
  };
  // Codes of three bits, from the lowest: clear (4), 0, 1, 0, 1, end (5). The first two strings get the numbers 6
  // and 7.
  EXPECT_EQ(inspect(gif("\x44\x0A"s)).damage, "2 of 4 pixels of its first frame are there");
  EXPECT_EQ(inspect(gif("\x44\x10\x05"s)).damage, "");
  EXPECT_EQ(inspect(gif("")).damage, "0 of 4 pixels of its first frame are there");
  EXPECT_EQ(inspect("GIF89a\2\0\2\0\0\0\0;"s).damage, "there is no frame in it");
}

TEST(Inspect, KindsOfJpeg2000) {
  EXPECT_EQ(inspect(jp2(colours(16))).pictures, 1U);
  EXPECT_EQ(inspect(codestream(0, "\7\7\7")).format, Format::jp2);
  EXPECT_TRUE(has(refusal(jp2(colours(18))), "sYCC"));
  EXPECT_TRUE(has(refusal(jp2(colours(12))), "colour space 12"));
  EXPECT_TRUE(has(refusal(jp2(box("pclr", "\0\1\1\7\0"s))), "palette"));
  EXPECT_TRUE(has(refusal(jp2(colours(16), codestream(1U << 14, "\7\7\7"))), "HTJ2K"));
  EXPECT_TRUE(has(refusal(codestream(0, "\7\7\x0F")), "differ in depth"));
  EXPECT_TRUE(has(refusal(codestream(0, "\x87\x87\x87")), "signed"));
  EXPECT_TRUE(has(refusal(codestream(0, "\x0B")), "12 bits"));
  EXPECT_TRUE(has(refusal(codestream(0, "\7\7\7\7\7")), "5 channels"));
  const std::string in_order =
      big(3, 2) + big(0, 4) + big(1, 2) + big(1, 2) + big(0, 2) + big(2, 2) + big(2, 2) + big(0, 2) + big(3, 2);
  EXPECT_EQ(refusal(jp2(colours(16) + box("cdef", in_order))), "");
  const std::string reversed =
      big(3, 2) + big(0, 4) + big(3, 2) + big(1, 2) + big(0, 2) + big(2, 2) + big(2, 2) + big(0, 2) + big(1, 2);
  EXPECT_TRUE(has(refusal(jp2(colours(16) + box("cdef", reversed))), "order"));
}

TEST(Inspect, AnimationsOfJpegXl) {
  // Bits from the lowest: 8 x 8 pixels; not all by default, extra fields; then orientation, sizes, preview, animation.
  EXPECT_EQ(refusal("\xFF\x0A\x41\x04\x00"s), "");
  EXPECT_TRUE(has(refusal("\xFF\x0A\x41\x04\x01"s), "animation"));
  const std::string container = "\0\0\0\x0CJXL \r\n\x87\n"s;
  EXPECT_TRUE(has(refusal(container + box("jxlc", "\xFF\x0A\x41\x04\x01"s)), "animation"));
  EXPECT_TRUE(has(refusal(container + box("jxlp", big(0, 4) + "\xFF\x0A\x41\x04\x01"s)), "animation"));
}

/// Bits from the lowest of each byte, as JPEG XL has them.
std::string bits(const std::string& text) {
  std::string bytes;
  unsigned at = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    if (at % 8 == 0) bytes += '\0';
    if (c == '1') bytes.back() = static_cast<char>(bytes.back() | 1 << at % 8);
    ++at;
  }
  return bytes + std::string(4, '\0');
}

TEST(Inspect, AlphaOfJpegXl) {
  // 8 x 8 pixels; not all by default; no rarer properties; 8 bits; 16 bits suffice; the number of further channels.
  const std::string start = "1 00000 100  0  0  0 00  1  ";
  EXPECT_EQ(refusal("\xFF\x0A" + bits(start + "00")), "");
  EXPECT_EQ(refusal("\xFF\x0A" + bits(start + "10 1")), "");
  // Alpha of 8 bits, not smaller, without a name: colours as they are, or multiplied by it.
  const std::string alpha = "10  0  00  0 00  00  00 ";
  EXPECT_EQ(refusal("\xFF\x0A" + bits(start + alpha + "0")), "");
  EXPECT_TRUE(has(refusal("\xFF\x0A" + bits(start + alpha + "1")), "multiplied by its alpha"));
  EXPECT_TRUE(has(refusal("\xFF\x0A" + bits(start + "10  0  10  0 00  00  00")), "no alpha"));  // depth
  EXPECT_TRUE(has(refusal("\xFF\x0A" + bits(start + "01 0000")), "further channels"));
}

TEST(Inspect, SizesThatDoNotFitIntoTheFile) {
  const auto jpeg = [](unsigned side, std::size_t bytes) {
    return "\xFF\xD8\xFF\xE0\0\4ab\xFF\xC2\0\x0B\x08"s + big(side, 2) + big(side, 2) + std::string(bytes, '\1');
  };
  EXPECT_EQ(inspect(jpeg(800, 1300)).damage, "");  // 10000 blocks
  EXPECT_NE(inspect(jpeg(800, 1200)).damage, "");
  const auto png = [](unsigned side, std::size_t bytes) {
    return "\x89PNG\r\n\x1A\n"s + big(13, 4) + "IHDR" + big(side, 4) + big(side, 4) + "\x08\2\0\0\0"s + "crc."s +
           big(bytes, 4) + "IDAT" + std::string(bytes, '\1') + "crc.";
  };
  EXPECT_EQ(inspect(png(1032, 3096)).damage, "");
  EXPECT_NE(inspect(png(1032, 3095)).damage, "");
  EXPECT_EQ(inspect(png(1032, 3095)).width, 1032U);
}

TEST(Inspect, GammaOfPng) {
  const auto png = [](const std::string& chunks) {
    const auto chunk = [](const std::string& type, const std::string& content) {
      return big(content.size(), 4) + type + content + "crc."s;
    };
    return "\x89PNG\r\n\x1A\n"s + chunk("IHDR", "\0\0\0\1\0\0\0\1\x08\2\0\0\0"s) + chunks + chunk("IDAT", "1234");
  };
  const auto gama = [](unsigned value) { return big(4, 4) + "gAMA" + big(value, 4) + "crc."; };
  EXPECT_EQ(inspect(png("")).gamma, 0);
  EXPECT_EQ(inspect(png(gama(45455))).gamma, 0);
  EXPECT_EQ(inspect(png(gama(100000))).gamma, 1);
  EXPECT_EQ(inspect(png(gama(100000) + big(1, 4) + "sRGB\0crc."s)).gamma, 0);
  EXPECT_EQ(inspect(png(gama(100000) + big(3, 4) + "iCCPx\0\0crc."s)).gamma, 0);
  const auto chrm = [](unsigned green) {
    std::string text = big(32, 4) + "cHRM";
    for (const unsigned value : {31270U, 32900U, 64000U, 33000U, green, 60000U, 15000U, 6000U}) text += big(value, 4);
    return text + "crc.";
  };
  EXPECT_EQ(refusal(png(gama(45455) + chrm(30000))), "");
  EXPECT_TRUE(has(refusal(png(gama(45455) + chrm(21000))), "primaries"));
}

TEST(Inspect, TellsBitmapsAndIcons) {
  EXPECT_EQ(inspect("BM and more").format, Format::bmp);
  EXPECT_EQ(inspect("\0\0\1\0\1\0"s).format, Format::ico);
  EXPECT_EQ(inspect("\0\0\2\0\1\0"s + std::string(16, '\0')).format, Format::ico);
  EXPECT_EQ(inspect("\0\0\2\0\0\0\0\0\0\0\0\0\1\0\1\0\x18\0"s + std::string(16, '\0')).format, Format::tga);
}

TEST(Inspect, AnimationsAndColoursOfPng) {
  const auto chunk = [](const std::string& type, const std::string& content) {
    return big(content.size(), 4) + type + content + "crc."s;
  };
  const std::string start = "\x89PNG\r\n\x1A\n"s + chunk("IHDR", std::string(13, '\1'));
  EXPECT_EQ(inspect(start + chunk("IDAT", "")).pictures, 1U);
  EXPECT_EQ(inspect(start + chunk("acTL", big(4, 4) + big(0, 4)) + chunk("IDAT", "")).pictures, 4U);
  EXPECT_EQ(refusal(start + chunk("cICP", "\1\x0D\0\1"s)), "");
  EXPECT_TRUE(has(refusal(start + chunk("cICP", "\x09\x10\0\1"s)), "high dynamic range"));
}

TEST(Inspect, AlphaAndColoursOfHeif) {
  const auto heif = [](const std::string& properties) {
    return box("ftyp", "avif") + box("meta", big(0, 4) + box("iprp", box("ipco", properties)));
  };
  EXPECT_FALSE(inspect(heif("")).has_alpha);
  EXPECT_TRUE(inspect(heif(box("auxC", big(0, 4) + "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"))).has_alpha);
  const auto nclx = [](unsigned primaries, unsigned transfer) {
    return box("colr", "nclx" + big(primaries, 2) + big(transfer, 2) + big(1, 2) + "\x80"s);
  };
  const std::string multiplied = box("iref", big(0, 4) + box("prem", big(0, 6)));
  EXPECT_TRUE(has(refusal(box("ftyp", "avif") + box("meta", big(0, 4) + multiplied)), "multiplied by its alpha"));
  EXPECT_EQ(refusal(heif(nclx(1, 13))), "");
  EXPECT_TRUE(has(refusal(heif(nclx(9, 16))), "high dynamic range"));
  EXPECT_EQ(refusal(heif(nclx(12, 13) + box("colr", "prof..."))), "");  // a profile says it all
}

TEST(Inspect, NumbersOutsideTheFileAreDamage) {
  for (const std::string& file :
       {"II*\0\xFF\xFF\xFF\xFF"s, "MM\0*\0\0\0\x08\0\1"s, "\xFF\x4F\xFF\x51"s, "\xFF\x0A"s, "II*\0"s}) {
    try {
      (void)inspect(file);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::image_unreadable) << error.what();
    }
  }
}

TEST(Inspect, PagesInACircleEnd) {
  // A directory of no entries that is followed by itself.
  try {
    (void)inspect("II*\0\x08\0\0\0\0\0\x08\0\0\0"s);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::limit_exceeded);
  }
}

}  // namespace
}  // namespace vaerans::test
