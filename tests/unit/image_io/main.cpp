// The tests of image_io have a main() of their own, since a program that reads pictures in child processes needs one.
#include <gtest/gtest.h>

#include "vaerans/image_io.hpp"

int main(int argc, char** argv) {
  vaerans::isolate_picture_reading(argc, argv);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
