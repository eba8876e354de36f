#include "models/generations/reference.hpp"

#include <gtest/gtest.h>

namespace vaerans::models {
namespace {

void expect(const char* text, const char* name, const char* hash) {
  const ModelReference found = parse_reference(text);
  EXPECT_EQ(found.name, name) << text;
  EXPECT_EQ(found.hash, hash) << text;
}

TEST(Reference, NamesAndHashes) {
  expect("photo-f8c32", "photo-f8c32", "");
  expect("photo-f8c32@8a2b87d5", "photo-f8c32", "8a2b87d5");
  expect("@8A2B87D570770c6a", "", "8a2b87d570770c6a");
  expect("8a2b87d570770c6a", "", "8a2b87d570770c6a");
}

TEST(Reference, WhatIsNoHashBelongsToTheName) {
  expect("photo@4", "photo@4", "");
  expect("photo@8a2b87d", "photo@8a2b87d", "");
  expect("photo@8a2b87dg", "photo@8a2b87dg", "");
  expect("deadbeef", "deadbeef", "");  // short enough to be somebody's model
  expect("@", "@", "");
  expect("", "", "");
  expect("a@b@deadbeef", "a@b", "deadbeef");
  EXPECT_EQ(parse_reference("m@" + std::string(65, 'a')).hash, "") << "longer than any hash";
}

TEST(Reference, WhatIsWrongIsSaid) {
  const std::string wanted =
      "behind an '@' stand 8 to 64 hexadecimal digits of a decoder's hash, as `vaerans models info NAME` shows it; ";
  EXPECT_EQ(reference_problem("photo@8a2b87d"), wanted + "there are 7");
  EXPECT_EQ(reference_problem("@8"), wanted + "there are 1");
  EXPECT_EQ(reference_problem("photo@"), wanted + "there are 0");
  EXPECT_EQ(reference_problem("m@" + std::string(65, 'a')), wanted + "there are 65");
  EXPECT_EQ(reference_problem("photo@8a2b87dg"), wanted + "'8a2b87dg' is something else");
  for (const char* const good : {"photo@8a2b87d5", "@8A2B87D5", "8a2b87d570770c6a", "8a2b87d", "photo", ""})
    EXPECT_EQ(reference_problem(good), "") << good;
}

TEST(Reference, TheCommandThatIsToldWorks) {
  EXPECT_EQ(fetch_command("8a2b87d570770c6a"), "`vaerans models fetch 8a2b87d570770c6a`");
  EXPECT_EQ(fetch_command("8a2b87d5"),
            "`vaerans models fetch HASH`, with 16 digits of that hash or more, as `vaerans info FILE` shows them of a "
            "file");
}

TEST(Reference, IsReadAsItIsWritten) {
  const ModelReference back = parse_reference(reference_to("photo-f8c4", "0123456789abcdef"));
  EXPECT_EQ(back.name, "photo-f8c4");
  EXPECT_EQ(back.hash, "0123456789abcdef");
}

}  // namespace
}  // namespace vaerans::models
