// Which bytes are a text that anybody can show, and what becomes of the others on a terminal.
#include "vaerans/base/text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace vaerans::test {
namespace {

TEST(Text, CharactersOfEveryLengthArePlain) {
  for (const std::string text : {"", "photo-f8c4", " a b ", "é", "漢字", "🖼", "\u00a0", "\ufffd", "\U0010ffff"}) {
    EXPECT_TRUE(is_plain_text(text)) << text;
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Text, ControlCharactersAreNot) {
  EXPECT_FALSE(is_plain_text("a\nb"));
  EXPECT_FALSE(is_plain_text(std::string("a\0b", 3)));
  EXPECT_FALSE(is_plain_text("\x7f"));
  EXPECT_FALSE(is_plain_text("\u0080"));  // a C1 control, as CSI is
  EXPECT_EQ(printable("ph\x1b[31mRED\n"), "ph\\x1b[31mRED\\x0a");
  EXPECT_EQ(printable("ph\x1b[31mRED\n", "\n"), "ph\\x1b[31mRED\n");
  EXPECT_EQ(printable("\u009b1m"), "\\xc2\\x9b1m");
}

// Unicode 15, section 3.9, tables 3-7 and 3-8.
TEST(Text, IllFormedSequencesAreNot) {
  for (const std::string bytes :
       {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x96", "\xc3(", "\xe2\x82("}) {
    EXPECT_FALSE(is_plain_text(bytes)) << printable(bytes);
  }
  EXPECT_EQ(printable("photo\xffx"), "photo\\xffx");
  EXPECT_EQ(printable("\xe2\x82(é"), "\\xe2\\x82(é");
}

TEST(Text, LowerCaseIsOfLettersAToZ) { EXPECT_EQ(lower_case("PhOtO-Z[@`{.PNG\xc3\x89"), "photo-z[@`{.png\xc3\x89"); }

}  // namespace
}  // namespace vaerans::test
