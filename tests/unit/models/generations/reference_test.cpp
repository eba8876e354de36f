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

TEST(Reference, IsReadAsItIsWritten) {
  const ModelReference back = parse_reference(reference_to("photo-f8c4", "0123456789abcdef"));
  EXPECT_EQ(back.name, "photo-f8c4");
  EXPECT_EQ(back.hash, "0123456789abcdef");
}

}  // namespace
}  // namespace vaerans::models
