// encode_image, write_image, write_bytes, read_bytes.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "pictures.hpp"

namespace vaerans::test {
namespace {

namespace fs = std::filesystem;

class WriteFiles : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] long files() const { return std::distance(fs::directory_iterator(folder_), {}); }
  void expect_error(ErrorCode code, const std::string& target, bool overwrite = false) const {
    const auto before = files();
    try {
      write_bytes(target, Bytes(1000, 7), overwrite);
      ADD_FAILURE() << "nothing was thrown for " << target;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_EQ(std::string(error.what()).rfind(target, 0), 0U) << error.what();
    }
    EXPECT_EQ(files(), before) << "something was left behind";
  }
  fs::path folder_ = fs::temp_directory_path() / ("vaerans-write-test-" + std::to_string(::getpid()));
};

TEST_F(WriteFiles, GivesBytesBack) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    const Bytes bytes(size, 42);
    write_bytes(path("a"), bytes, true);
    EXPECT_EQ(read_bytes(path("a"), 100'000), bytes);
  }
  EXPECT_EQ(files(), 1);
  EXPECT_THROW((void)read_bytes(path("a"), 99'999), Error);
}

TEST_F(WriteFiles, NeverReplacesUnasked) {
  write_bytes(path("a"), Bytes{1});
  expect_error(ErrorCode::exists, path("a"));
  EXPECT_EQ(read_bytes(path("a"), 10), Bytes{1});
  write_bytes(path("a"), Bytes{2}, true);
  EXPECT_EQ(read_bytes(path("a"), 10), Bytes{2});
}

TEST_F(WriteFiles, HasTheUsualPermissions) {
  const mode_t before = ::umask(022);
  write_bytes(path("a"), Bytes{1});
  ::umask(before);
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms{0644});
}

TEST_F(WriteFiles, KeepsTheRightsOfWhatItReplaces) {
  for (const auto rights : {fs::perms{0600}, fs::perms{0640}, fs::perms{0664}}) {
    write_bytes(path("a"), Bytes{1}, true);
    fs::permissions(path("a"), rights);
    write_bytes(path("a"), Bytes{2}, true);
    EXPECT_EQ(fs::status(path("a")).permissions(), rights);
  }
}

TEST_F(WriteFiles, RemovesWhatKilledProcessesLeft) {
  fs::create_directory(path("sub"));
  const std::string nobody = "999999999", ours = std::to_string(::getpid());  // above the largest number of a process
  const auto make = [&](const std::string& name, int hours) {
    const fs::path file = fs::path(path("sub")) / name;
    std::ofstream(file) << "x";
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours));
    return file;
  };
  const auto stale = make(".vaerans-" + nobody + "-1-0.tmp", 2);
  const std::array kept{make(".vaerans-" + nobody + "-2-0.tmp", 0), make(".vaerans-" + ours + "-1-0.tmp", 2),
                        make(".vaerans-x.tmp", 2), make("vaerans-" + nobody + "-1-0.tmp", 2)};
  write_bytes(path("sub/a"), Bytes{1});
  EXPECT_FALSE(fs::exists(stale));
  for (const fs::path& file : kept) EXPECT_TRUE(fs::exists(file)) << file;
}

TEST_F(WriteFiles, WritesThroughSymbolicLinks) {
  write_bytes(path("real"), Bytes{1});
  fs::create_symlink("real", path("link"));
  write_bytes(path("link"), Bytes{2}, true);
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_bytes(path("real"), 10), Bytes{2});
}

TEST_F(WriteFiles, ReportsFoldersThatCannotBeWritten) {
  write_bytes(path("file"), Bytes{1});
  expect_error(ErrorCode::io, path("file") + "/a");
  expect_error(ErrorCode::io, path("missing/a"));
  expect_error(ErrorCode::io, folder_.string(), true);
  expect_error(ErrorCode::io, path(std::string(300, 'n')));
}

TEST_F(WriteFiles, ReportsAFullDevice) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  expect_error(ErrorCode::io, "/dev/full", true);
}

TEST_F(WriteFiles, LeavesNothingBehindWhenTheDiskRefuses) {
  // A limit on the size of files fails in write(), where a full disk would.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto previous = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{500, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error(ErrorCode::io, path("a"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, previous);
  EXPECT_EQ(files(), 0);
}

TEST_F(WriteFiles, WritesDevicesInPlace) {
  write_bytes("/dev/null", Bytes(10));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(WriteFiles, LetsOneOfManyWritersWin) {
  std::atomic<int> won{0};
  std::vector<std::thread> writers;
  for (unsigned i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      try {
        write_bytes(path("a"), Bytes(1000, static_cast<std::uint8_t>(i)));
        ++won;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::exists) << error.what();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(files(), 1);
}

TEST_F(WriteFiles, PicturesByTheirSuffix) {
  const Image image = gradient(20, 30);
  write_image(path("a.PNG"), image.view());
  EXPECT_EQ(read_image(path("a.PNG")).rgb, image.rgb);
  write_image(path("a.jpg"), image.view());
  EXPECT_EQ(read_bytes(path("a.jpg"), 1 << 20).at(0), 0xFF);
  for (const char* name : {"a.docx", "a", "a.png/b", ".png.d/b"}) {
    EXPECT_THROW(write_image(path(name), image.view()), Error) << name;
  }
  EXPECT_EQ(files(), 2);
}

TEST(EncodeImage, TakesRowsWithGaps) {
  const Image image = gradient(6, 7);
  Bytes wide;
  for (std::size_t y = 0; y < 6; ++y) {
    wide.insert(wide.end(), image.rgb.begin() + static_cast<std::ptrdiff_t>(y * 21),
                image.rgb.begin() + static_cast<std::ptrdiff_t>(y * 21 + 21));
    wide.insert(wide.end(), 11, 0xEE);
  }
  EXPECT_EQ(read_image(encode_image({wide.data(), 6, 7, 3, 32})).rgb, image.rgb);
}

TEST(EncodeImage, RawFormatsAreAHeaderAndThePixels) {
  const Bytes gap{1, 2, 3, 99, 4, 5, 6, 99};
  const ImageView image{gap.data(), 2, 1, 3, 4};
  const auto text = [&](const char* suffix) {
    const Bytes file = encode_image(image, suffix);
    return std::string(file.begin(), file.end());
  };
  const std::string pixels = "\1\2\3\4\5\6";
  EXPECT_EQ(text(".ppm"), "P6\n1 2\n255\n" + pixels);
  EXPECT_EQ(text(".PAM"), "P7\nWIDTH 1\nHEIGHT 2\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n" + pixels);
  const std::string npy = text(".npy");
  EXPECT_EQ(npy.size(), 128U + 6);
  EXPECT_EQ(npy.substr(0, 72),
            std::string("\x93NUMPY\1\0\x76\0", 10) + "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 3), }");
}

TEST(EncodeImage, ByQuality) {
  const Image image = gradient(64, 64);
  for (const char* suffix : {".jpg", ".webp", ".jp2"}) {
    const std::size_t coarse = encode_image(image.view(), suffix, {.quality = 10}).size();
    EXPECT_LT(coarse, encode_image(image.view(), suffix, {.quality = 95}).size()) << suffix;
  }
  for (const auto& [suffix, quality] : {std::pair{".png", 50}, {".npy", 50}, {".jpg", 0}, {".jpg", 101}}) {
    try {
      (void)encode_image(image.view(), suffix, {.quality = quality});
      ADD_FAILURE() << suffix << " " << quality;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    }
  }
}

TEST(EncodeImage, GivesNoFileThatCannotBeRead) {
  // More than each of these formats holds in one direction.
  const Image wide{1, 70000, Bytes(210000, 9)};
  for (const char* suffix : {".avif", ".heic", ".webp", ".jpg"}) {
    try {
      EXPECT_EQ(read_image(encode_image(wide.view(), suffix)).width, 70000U) << suffix;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::image_unsupported) << suffix << ": " << error.what();
    }
  }
  EXPECT_EQ(read_image(encode_image(wide.view(), ".png")).rgb, wide.rgb);
}

TEST(EncodeImage, RefusesWhatIsNoPicture) {
  const Bytes pixels(300);
  for (const ImageView& view : {ImageView{nullptr, 1, 1, 3, 0}, ImageView{pixels.data(), 0, 5, 3, 0},
                                ImageView{pixels.data(), 5, 5, 5, 0}, ImageView{pixels.data(), 5, 5, 3, 14}}) {
    EXPECT_THROW((void)encode_image(view), Error);
  }
}

}  // namespace
}  // namespace vaerans::test
