// Files of a store: one that is mapped to be read, one that is appended to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "vaerans/base/error.hpp"

namespace vaerans::store {

/// "path: what: the system's reason", with errno as it is now.
[[nodiscard]] Error io_error(const std::string& path, const std::string& what);

class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }
  /// Part of them, which lies within the file as it was opened. Throws Error(io) where the file has become shorter
  /// since, or its end cannot be read: to touch such bytes ends the process (SIGBUS). No descriptor is kept for that,
  /// since a store may have more shards than a process may have descriptors; the system is asked for the last page.
  [[nodiscard]] std::span<const std::uint8_t> part(std::uint64_t offset, std::uint64_t bytes) const;

 private:
  std::string path_;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Which file a PartFile is.
enum class Take : std::uint8_t {
  fresh,     ///< one that was not there
  existing,  ///< one that is there, with its bytes
  over,      ///< either; what a dead process has left in it is cut away
};

/// A file under a name that no reader looks at, until publish(). The lock on it lasts as long as the object.
class PartFile {
 public:
  /// Throws Error(io), also where another process holds the lock: `busy` says what it does.
  PartFile(std::string path, Take take, const char* busy = "another process is writing it");
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// All of the bytes, or none of them: on an error the file ends where it ended before.
  void append(std::span<const std::byte> bytes);
  void cut(std::uint64_t size);
  /// To the disk, then under its final name, then the folder to the disk. Throws Error(exists) for a name that is
  /// taken, unless that file is to be replaced; Error(io) where another file has this one's name by now.
  void publish(const std::string& path, bool replace);
  /// Takes the name away, if it is still this file's.
  void remove();
  /// False once it is published or removed.
  [[nodiscard]] bool has_its_name() const noexcept;

 private:
  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace vaerans::store
