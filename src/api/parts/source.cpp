// Where a file's bytes come from, piece by piece.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files/file_descriptor.hpp"
#include "base/files/spool.hpp"
#include "vaerans/rows.hpp"

namespace vaerans {
namespace {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t size() override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    std::ranges::copy(bytes_.subspan(offset, out.size()), out.begin());
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::string& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status{};
    if (!file_.is_open()) fail(errno);
    if (::fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode))
      throw Error(ErrorCode::io, path_ + ": no regular file, so it cannot be read in parts");
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  std::uint64_t size() override { return size_; }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (const int problem = read_fully(file_, offset, out); problem != 0) fail(problem);
  }

 private:
  [[noreturn]] void fail(int reason) const { throw Error(ErrorCode::io, path_ + ": " + std::strerror(reason)); }

  std::string path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

class SpooledSource final : public ByteSource {
 public:
  std::uint64_t size() override { return spool_.size(); }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) override { spool_.read(offset, out); }
  void append(std::span<const std::uint8_t> bytes) { spool_.append(bytes); }

 private:
  Spool spool_;
};

}  // namespace

std::unique_ptr<ByteSource> spooled_source(const std::function<std::size_t(std::span<std::uint8_t>)>& more,
                                           const Limits& limits) {
  auto out = std::make_unique<SpooledSource>();
  Bytes block(std::size_t{1} << 20);
  while (const std::size_t got = more(block)) {
    const auto bytes = std::span(block).first(got);
    if (out->size() == 0) require_vrs(bytes);
    if (out->size() + got > limits.max_file_bytes) {
      throw Error(ErrorCode::limit_exceeded, "more than " + std::to_string(limits.max_file_bytes) + " bytes");
    }
    out->append(bytes);
  }
  if (out->size() == 0) require_vrs({});
  return out;
}

std::unique_ptr<ByteSource> memory_source(std::span<const std::uint8_t> bytes) {
  return std::make_unique<MemorySource>(bytes);
}

std::unique_ptr<ByteSource> file_source(const std::string& path) { return std::make_unique<FileSource>(path); }

}  // namespace vaerans
