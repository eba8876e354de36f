// Folders, pictures and worlds for the tests of models and of the VAE.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "vaerans/base/error.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::test {

namespace fs = std::filesystem;

inline fs::path model_data() { return fs::path(VAERANS_TEST_DATA) / "data" / "models"; }

/// A new empty folder, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (fs::temp_directory_path() / "vaerans-test-XXXXXX").string();
    path_ = mkdtemp(name.data()) == nullptr ? throw std::runtime_error("mkdtemp") : fs::path(name);
  }
  ~TempFolder() { fs::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Sets an environment variable for a while; nullptr takes it away.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  ~Variable() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

inline void write_text(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

inline std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read_text(file);
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  write_text(file, text.replace(at, from.size(), to));
}

/// The pixels of a picture; every value depends on place and colour.
inline std::vector<std::uint8_t> picture(std::uint64_t height, std::uint64_t width, unsigned seed = 0) {
  std::vector<std::uint8_t> rgb(height * width * 3);
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    rgb[i] = static_cast<std::uint8_t>((i * 31 + i / (width * 3) * 17 + seed * 101 + (i * i >> 5)) & 0xFF);
  }
  return rgb;
}

/// What a call throws; fails the test if it throws nothing or something else.
template <typename Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& other) {
    ADD_FAILURE() << "not an Error: " << other.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorCode::internal, ""};
}

#define EXPECT_ERROR(call, wanted_code, wanted_text)                                             \
  do {                                                                                           \
    const ::vaerans::Error thrown = ::vaerans::test::error_of([&] { (void)(call); });            \
    EXPECT_EQ(thrown.code(), (wanted_code)) << thrown.what();                                    \
    EXPECT_NE(std::string(thrown.what()).find(wanted_text), std::string::npos) << thrown.what(); \
  } while (false)

}  // namespace vaerans::test
