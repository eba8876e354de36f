#include "base/files/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/files/environment.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

std::string folder() {
  const std::string named = environment_variable("TMPDIR");
  return named.empty() ? "/tmp" : named;
}

[[noreturn]] void fail(int error_number) {
  throw Error(ErrorCode::io,
              "a temporary file in " + folder() + " (TMPDIR names another folder): " + std::strerror(error_number));
}

}  // namespace

Spool::Spool() {
  std::string name = folder() + "/vaerans-spool-XXXXXX";
  file_ = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (!file_.is_open()) fail(errno);
  ::unlink(name.c_str());
}

void Spool::append(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail(errno);
    size_ += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void Spool::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (const int problem = read_fully(file_, offset, out); problem != 0) fail(problem);
}

int read_fully(const FileDescriptor& file, std::uint64_t offset, std::span<std::uint8_t> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0 ? errno : EIO;
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return 0;
}

}  // namespace vaerans
