// Reading in child processes: what kills a child costs one picture, or none.
#include "image_io/child/helper.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "../pictures.hpp"

namespace vaerans::test {
namespace {

/// The children of this process, as Linux lists them.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) found.push_back(child);
  }
  return found;
}

TEST(ReadInChildren, IsHowTheseTestsRead) { EXPECT_TRUE(image_io::helpers_in_use()); }

TEST(ReadInChildren, ANewOneComesForOneThatWasKilled) {
  const Bytes png = encode_image(gradient(9, 8).view());
  EXPECT_EQ(read_image(png).rgb, gradient(9, 8).rgb);
  const auto before = children();
  ASSERT_FALSE(before.empty());
  for (const pid_t child : before) ::kill(child, SIGKILL);
  EXPECT_EQ(read_image(png).rgb, gradient(9, 8).rgb);
}

TEST(ReadInChildren, OneServesManyPictures) {
  const Bytes png = encode_image(gradient(9, 8).view());
  (void)read_image(png);
  const auto before = children();
  for (int i = 0; i < 5; ++i) (void)read_image(png);
  EXPECT_EQ(children(), before);
}

TEST(ReadInChildren, TakesPicturesLargerThanASocketHolds) {
  const Image image = gradient(1500, 1500);
  const Bytes ppm = encode_image(image.view(), ".ppm");
  ASSERT_GT(ppm.size(), 6'000'000U);
  EXPECT_EQ(read_image(ppm).rgb, image.rgb);
}

TEST(ReadInChildren, BoundsMemory) {
#if defined(VAERANS_SANITIZE_THREAD)
  GTEST_SKIP() << "under ThreadSanitizer a process that gets no more memory hangs";
#endif
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "under AddressSanitizer a process that gets no more memory ends, instead of throwing bad_alloc";
#endif
  // Rows of an interlaced or turned picture must all be kept: 48 MB here.
  const Image image{4000, 4000, Bytes(48'000'000, 7)};
  const Bytes turned = with_exif_orientation(encode_image(image.view(), ".jpg"), 6);
  EXPECT_EQ(read_image(turned).height, 4000U);
  try {
    (void)read_image(turned, {.limits = {.max_memory = 40'000'000}});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::limit_exceeded) << error.what();
  }
}

TEST(ReadInChildren, ThreadsGetTheirOwnPictures) {
  std::vector<std::thread> readers;
  for (unsigned i = 1; i <= 6; ++i) {
    readers.emplace_back([i] {
      const Image image = gradient(10 * i, 7);
      const Bytes png = encode_image(image.view());
      for (int n = 0; n < 10; ++n) EXPECT_EQ(read_image(png).rgb, image.rgb) << i;
    });
  }
  for (auto& reader : readers) reader.join();
}

TEST(ReadInChildren, SaysSoWhereNoneCanBeStarted) {
  image_io::use_helpers("/nowhere/program");
  for (const pid_t child : children()) ::kill(child, SIGKILL);
  try {
    (void)read_image(encode_image(gradient(3, 3).view()));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io) << error.what();
  }
  image_io::use_helpers("/proc/self/exe");
  EXPECT_EQ(read_image(encode_image(gradient(3, 3).view())).height, 3U);
}

}  // namespace
}  // namespace vaerans::test
