#include "base/files/small_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/files/file_descriptor.hpp"

namespace vaerans {
namespace {

SmallFile system_problem(int error) {
  return {{}, "it cannot be read: " + std::error_code(error, std::generic_category()).message()};
}

SmallFile too_large(std::uint64_t most) {
  const bool whole = most % (1U << 20) == 0;
  return {{}, "it is larger than " + (whole ? std::to_string(most >> 20) + " MiB" : std::to_string(most) + " bytes")};
}

/// The file may grow or shrink while it is read: what counts is what arrives.
SmallFile read_at_most(int file, std::uint64_t most) {
  SmallFile out;
  char block[1 << 14];
  for (;;) {
    const ssize_t got = ::read(file, block, sizeof block);
    if (got == 0) return out;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_problem(errno);
    if (out.bytes.size() + static_cast<std::size_t>(got) > most) return too_large(most);
    out.bytes.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace

SmallFile read_small_file(const std::filesystem::path& file, std::uint64_t most) {
  // Not to wait for a writer if it is a pipe: what it is shows only after opening.
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor.is_open()) return system_problem(errno);
  struct stat info{};
  if (::fstat(descriptor.get(), &info) != 0) return system_problem(errno);
  if (!S_ISREG(info.st_mode)) return {{}, "it is not a regular file"};
  if (std::cmp_greater(info.st_size, most)) return too_large(most);
  return read_at_most(descriptor.get(), most);
}

bool is_there(const std::filesystem::path& path) noexcept {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace vaerans
