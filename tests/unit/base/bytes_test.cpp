#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "expect_error.hpp"

namespace vaerans {
namespace {

// It keeps no copy of its part's name: one made for the call alone would be gone when an error tells it.
static_assert(std::is_constructible_v<ByteReader, std::span<const std::byte>, const std::string&>);
static_assert(std::is_constructible_v<ByteReader, std::span<const std::byte>, const char*>);
static_assert(!std::is_constructible_v<ByteReader, std::span<const std::byte>, std::string>);

TEST(ByteReader, AnErrorNamesThePartAndTheByte) {
  const std::string part = "a part whose name is too long to lie within the string";
  ByteWriter written;
  written.u8(7);
  written.varint(300);
  ByteReader in(written.bytes(), part);
  EXPECT_EQ(in.u8(), 7);
  EXPECT_EQ(in.varint(), 300U);
  EXPECT_ERROR(corrupt_stream, part + ", byte 3: the data end too early", (void)in.u8());
}

}  // namespace
}  // namespace vaerans
