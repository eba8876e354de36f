#include "vaerans/base/npy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vaerans {
namespace {

TEST(Npy, ShapesAreTuplesOfPython) {
  EXPECT_EQ(shape_text({}), "()");
  EXPECT_EQ(shape_text(std::vector<std::uint64_t>{7}), "(7,)");
  EXPECT_EQ(shape_text(std::vector<std::uint64_t>{4, 64, 48}), "(4, 64, 48)");
}

TEST(Npy, HeadersEndAtMultiplesOf64Bytes) {
  for (std::uint64_t n = 1; n < 1'000'000'000'000; n *= 10) {
    const std::string header = npy_header("<f4", std::vector<std::uint64_t>{n, 3});
    EXPECT_EQ(header.size() % 64, 0U);
    EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const auto length = static_cast<unsigned char>(header[8]) + 256U * static_cast<unsigned char>(header[9]);
    EXPECT_EQ(length + 10, header.size());
    EXPECT_EQ(header.substr(10, 60).find("{'descr': '<f4', 'fortran_order': False, 'shape': ("), 0U);
    EXPECT_EQ(header.back(), '\n');
  }
}

}  // namespace
}  // namespace vaerans
