// write_bytes: all of the file or none of it.
#include <fcntl.h>
#include <sys/stat.h>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <system_error>

#include "base/files/file_descriptor.hpp"
#include "image_io/files.hpp"
#include "vaerans/image_io.hpp"
#include "vaerans/raw_rows.hpp"

namespace vaerans {
namespace image_io {
namespace {

Error exists_error(const std::string& path) {
  return {ErrorCode::exists, path + ": exists already and may not be overwritten"};
}

constexpr std::string_view temporary_prefix = ".vaerans-", temporary_suffix = ".tmp";

/// With its last slash; empty where the path has none.
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// Whether a process that was killed left this file behind: its name holds the number of a process that is no more. An
/// hour's grace is for folders that several machines share, where another's processes cannot be seen.
bool is_stale(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix)) return false;
  pid_t process = 0;
  const auto read = std::from_chars(name.data() + temporary_prefix.size(), name.data() + name.size(), process);
  if (read.ec != std::errc{} || process <= 0) return false;
  std::error_code error;
  const auto age = std::filesystem::file_time_type::clock::now() - entry.last_write_time(error);
  return !error && age > std::chrono::hours(1) && ::kill(process, 0) != 0 && errno == ESRCH;
}

constexpr int most_entries = 10'000;  ///< looked at in one folder: writing a file must not take long

/// Removes what killed processes left in the folder of `target`, once for each folder in the life of a process.
void remove_stale(const std::string& target) {
  static std::mutex mutex;
  static std::set<std::string> seen;
  const std::string folder = folder_of(target);
  {
    const std::scoped_lock lock(mutex);
    if (!seen.insert(folder).second) return;
  }
  std::error_code error, ignored;
  std::filesystem::directory_iterator it(folder.empty() ? "." : folder, error);
  for (int left = most_entries; !error && left > 0 && it != std::filesystem::directory_iterator(); --left) {
    if (is_stale(*it)) std::filesystem::remove(it->path(), ignored);
    it.increment(error);
  }
}

/// The temporary files that there are, for a program that ends at once. Never destroyed: threads may still write.
class OpenFiles {
 public:
  static OpenFiles& all() {
    static auto& files = *new OpenFiles;
    return files;
  }
  void add(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    paths_.insert(path);
  }
  void forget(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    paths_.erase(path);
  }
  void remove() {
    const std::scoped_lock lock(mutex_);
    for (const std::string& path : paths_) ::unlink(path.c_str());
  }

 private:
  std::mutex mutex_;
  std::set<std::string> paths_;
};

/// A file that is removed again unless it was moved to its final name.
class TemporaryFile {
 public:
  /// Beside `target`, so that renaming stays inside one file system.
  explicit TemporaryFile(const std::string& target)
      : target_(target), path_(unused_name(target)), file_(create(path_)) {
    if (!file_.is_open()) throw io_error(target, "cannot be written", errno);
    OpenFiles::all().add(path_);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (path_.empty()) return;
    ::unlink(path_.c_str());
    OpenFiles::all().forget(path_);
  }
  /// Gives it the rights of the file that it will replace.
  void take_mode(mode_t mode) const noexcept { (void)::fchmod(file_.get(), mode & 07777); }
  void write(std::span<const std::uint8_t> bytes);
  void flush();
  void move_to_target(bool overwrite);

 private:
  static std::string unused_name(const std::string& target);
  // Not mkstemp: its files are private to their owner, this one shall have the usual permissions.
  static int create(const std::string& path) {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }

  std::string target_, path_;
  FileDescriptor file_;
};

std::string TemporaryFile::unused_name(const std::string& target) {
  static std::atomic<unsigned> counter{0};
  const auto ticks = std::chrono::steady_clock::now().time_since_epoch().count();
  // Short whatever the target's name: names have a limit of 255 bytes.
  return folder_of(target) + std::string(temporary_prefix) + std::to_string(::getpid()) + "-" + std::to_string(ticks) +
         "-" + std::to_string(counter.fetch_add(1)) + std::string(temporary_suffix);
}

void write_all(const FileDescriptor& file, std::span<const std::uint8_t> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path, "cannot be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void TemporaryFile::write(std::span<const std::uint8_t> bytes) { write_all(file_, bytes, target_); }

void TemporaryFile::flush() {
  // Network and quota file systems may accept a write and fail here. Those that cannot sync at all say EINVAL.
  if (::fsync(file_.get()) != 0 && errno != EINVAL && errno != ENOTSUP)
    throw io_error(target_, "cannot be written", errno);
  if (!file_.close()) throw io_error(target_, "cannot be written", errno);
}

void TemporaryFile::move_to_target(bool overwrite) {
  if (!overwrite) {
    // link() refuses an existing target, which rename() would replace: nothing can slip in between check and move.
    if (::link(path_.c_str(), target_.c_str()) == 0) return;
    if (errno == EEXIST) throw exists_error(target_);
  }
  // Also reached on file systems without hard links, where the check at the start has to do.
  if (::rename(path_.c_str(), target_.c_str()) != 0) throw io_error(target_, "cannot be written", errno);
  OpenFiles::all().forget(path_);
  path_.clear();
}

/// Where a write to `path` really goes: renaming onto a symbolic link would replace the link.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
  if (real) return real.get();
  constexpr int most_links = 40;  // as many as Linux follows
  std::filesystem::path at = path;
  std::error_code error;
  for (int i = 0; i < most_links && std::filesystem::is_symlink(at, error); ++i)
    at = at.parent_path() / std::filesystem::read_symlink(at, error);
  return at.string();
}

/// What whoever makes a file writes to.
class Pieces final : public ByteSink {
 public:
  explicit Pieces(std::function<void(std::span<const std::uint8_t>)> write) : write_(std::move(write)) {}
  void write(std::span<const std::uint8_t> bytes) override { write_(bytes); }

 private:
  std::function<void(std::span<const std::uint8_t>)> write_;
};

/// Devices and pipes (/dev/null, /dev/stdout, a FIFO) are written to, never replaced.
void write_in_place(const std::string& path, const std::function<void(ByteSink&)>& work) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) throw io_error(path, "cannot be written", errno);
  Pieces pieces([&](std::span<const std::uint8_t> bytes) { write_all(file, bytes, path); });
  work(pieces);
  if (!file.close()) throw io_error(path, "cannot be written", errno);
}

}  // namespace
}  // namespace image_io

void remove_unfinished_files() { image_io::OpenFiles::all().remove(); }

void write_bytes(const std::string& path, std::span<const std::uint8_t> bytes, bool overwrite) {
  write_pieces(path, overwrite, [&](ByteSink& out) { out.write(bytes); });
}

void write_pieces(const std::string& path, bool overwrite, const std::function<void(ByteSink&)>& work) {
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) throw image_io::io_error(path, "cannot be written", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    image_io::write_in_place(path, work);
    return;
  }
  if (exists && !overwrite) throw image_io::exists_error(path);
  image_io::remove_stale(path);
  image_io::TemporaryFile file(image_io::resolved(path));
  if (exists) file.take_mode(status.st_mode);
  image_io::Pieces pieces([&](std::span<const std::uint8_t> bytes) { file.write(bytes); });
  work(pieces);
  file.flush();
  file.move_to_target(overwrite);
}

}  // namespace vaerans
