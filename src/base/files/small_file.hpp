// read_small_file: files of other people's making that are read whole (cards, configurations, priors). Such a path may
// lead to a pipe that nobody writes to, a device that never ends or a file that fills the memory; none of them is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace vaerans {

struct SmallFile {
  std::string bytes;
  std::string problem;  ///< why there are no bytes, to follow a file's name and ": "; empty where all is well
};

/// Reads a regular file, symbolic links followed, of at most `most` bytes. Does not throw but for lack of memory.
[[nodiscard]] SmallFile read_small_file(const std::filesystem::path& file, std::uint64_t most);

/// Whether there is anything of this name: also a folder, a pipe, or a symbolic link that leads nowhere.
[[nodiscard]] bool is_there(const std::filesystem::path& path) noexcept;

}  // namespace vaerans
