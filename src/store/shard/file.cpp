#include "store/shard/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace vaerans::store {
namespace {

constexpr int kTries = 100;  // to lock a file before another process takes its name away

/// Closes a descriptor when it goes.
class Closing {
 public:
  explicit Closing(int file) : file_(file) {}
  ~Closing() {
    if (file_ >= 0) ::close(file_);
  }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;

 private:
  int file_;
};

void sync_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const Closing closing(file);
  if (file < 0 || (::fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP))
    throw io_error(path, "its folder cannot be written to the disk");
}

int open_locked(const std::string& path, Take take, const char* busy) {
  int flags = O_RDWR | O_CLOEXEC;
  if (take != Take::existing) flags |= O_CREAT | O_NOFOLLOW;
  if (take == Take::fresh) flags |= O_EXCL;
  const int file = ::open(path.c_str(), flags, 0666);
  if (file < 0) throw io_error(path, "cannot be written");
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  const int reason = errno;
  ::close(file);
  if (reason == EWOULDBLOCK) throw Error(ErrorCode::io, path + ": " + busy);
  errno = reason;
  throw io_error(path, "cannot be locked");
}

// Whether reading the page with this byte of a mapped file would work; true where the system (Linux before 5.14) cannot
// tell.
bool can_be_read(const std::uint8_t* byte) {
#ifdef MADV_POPULATE_READ
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(byte) / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the begin of the byte's own page
  return ::madvise(reinterpret_cast<void*>(begin), page, MADV_POPULATE_READ) == 0 || errno != EFAULT;
#else
  (void)byte;
  return true;
#endif
}

}  // namespace

Error io_error(const std::string& path, const std::string& what) {
  return {ErrorCode::io, path + ": " + what + ": " + std::generic_category().message(errno)};
}

MappedFile::MappedFile(const std::string& path) : path_(path) {
  // Not to wait for a writer if it is a pipe: what it is shows only after opening.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) throw io_error(path, "cannot be read");
  const Closing closing(file);
  struct stat status{};
  if (::fstat(file, &status) != 0) throw io_error(path, "cannot be read");
  if (!S_ISREG(status.st_mode)) throw Error(ErrorCode::io, path + ": not a regular file, so it is no shard");
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ == 0) return;
  void* const data = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) throw io_error(path, "cannot be mapped");
  data_ = static_cast<const std::uint8_t*>(data);
}

MappedFile::~MappedFile() {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): munmap takes no const
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

std::span<const std::uint8_t> MappedFile::part(std::uint64_t offset, std::uint64_t bytes) const {
  const auto out = this->bytes().subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(bytes));
  if (!out.empty() && !can_be_read(&out.back()))
    throw Error(ErrorCode::io, path_ + ": bytes up to " + std::to_string(offset + bytes) +
                                   " cannot be read: the file had " + std::to_string(size_) +
                                   " when it was opened, and has become shorter, or its disk fails; open it again");
  return out;
}

PartFile::PartFile(std::string path, Take take, const char* busy) : path_(std::move(path)) {
  file_ = open_locked(path_, take, busy);
  // Before the lock was had the file may have been published or removed: then the name is another one's, or nobody's.
  for (int tries = 0; !has_its_name(); ++tries) {
    ::close(file_);
    if (tries == kTries) throw Error(ErrorCode::io, path_ + ": cannot be locked: it is replaced again and again");
    file_ = open_locked(path_, take, busy);
  }
  struct stat status{};
  const bool known = ::fstat(file_, &status) == 0 && (take != Take::over || ::ftruncate(file_, 0) == 0);
  if (known) {
    size_ = take == Take::over ? 0 : static_cast<std::uint64_t>(status.st_size);
    return;
  }
  const Closing closing(file_);
  throw io_error(path_, "cannot be written");
}

PartFile::~PartFile() { ::close(file_); }

bool PartFile::has_its_name() const noexcept {
  struct stat own{}, named{};
  return ::fstat(file_, &own) == 0 && ::stat(path_.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
         own.st_ino == named.st_ino;
}

void PartFile::append(std::span<const std::byte> bytes) {
  std::uint64_t at = size_;
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = ENOSPC;
      const int reason = errno;
      (void)::ftruncate(file_, static_cast<off_t>(size_));
      errno = reason;
      throw io_error(path_, "cannot be written");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  size_ = at;
}

void PartFile::cut(std::uint64_t size) {
  if (::ftruncate(file_, static_cast<off_t>(size)) != 0) throw io_error(path_, "cannot be cut");
  size_ = size;
}

void PartFile::publish(const std::string& path, bool replace) {
  // Nobody else makes files of this rank now; what has the name was copied here.
  if (!replace && std::filesystem::exists(std::filesystem::symlink_status(path)))
    throw Error(
        ErrorCode::exists,
        path + ": exists already; give it another name, then resume, which keeps the items that wait in " + path_);
  if (::fsync(file_) != 0 && errno != EINVAL && errno != ENOTSUP)
    throw io_error(path_, "cannot be written to the disk");
  if (!has_its_name())
    throw Error(ErrorCode::io, path_ + ": another file has this name by now, or none; nothing became " + path);
  if (::rename(path_.c_str(), path.c_str()) != 0) throw io_error(path, "cannot be written");
  sync_folder(path);
}

void PartFile::remove() {
  if (has_its_name() && ::unlink(path_.c_str()) != 0) throw io_error(path_, "cannot be removed");
}

}  // namespace vaerans::store
