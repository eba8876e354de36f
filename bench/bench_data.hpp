// Inputs that the driver (bench/run.py) wrote for this run, so that peers in C++ and in Python work on the same bytes.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace vaerans::bench {

struct DataFile {
  std::string name;  // the file's name without its ending
  std::vector<std::uint8_t> bytes;
};

// The files with this ending in the folder that VAERANS_BENCH_DATA names, by name; none without that variable.
inline std::vector<DataFile> data_files(std::string_view ending) {
  std::vector<DataFile> files;
  const char* const folder = std::getenv("VAERANS_BENCH_DATA");
  if (folder == nullptr) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ending) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files.push_back({entry.path().stem().string(), {std::istreambuf_iterator<char>(in), {}}});
  }
  return files;
}

// A size that the driver asks for, for example VAERANS_BENCH_SIDE; `usual` without it.
inline std::uint64_t size_from_environment(const char* name, std::uint64_t usual) {
  const char* const text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

}  // namespace vaerans::bench
