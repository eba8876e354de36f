// Spool: a file without a name, for what is too large for memory and is wanted once more.
#pragma once

#include <cstdint>
#include <span>

#include "base/files/file_descriptor.hpp"

namespace vaerans {

class Spool {
 public:
  /// In $TMPDIR, else /tmp. Throws Error(io).
  Spool();
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Puts bytes behind those that are there. Throws Error(io), such as for a full disk.
  void append(std::span<const std::uint8_t> bytes);
  /// Fills `out` from `offset` on; offset + out.size() is at most size(). Throws Error(io).
  void read(std::uint64_t offset, std::span<std::uint8_t> out) const;

 private:
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

/// Fills `out` from a place of an open file. Gives 0, or the number of what went wrong, EIO where the file ends before.
[[nodiscard]] int read_fully(const FileDescriptor& file, std::uint64_t offset, std::span<std::uint8_t> out) noexcept;

}  // namespace vaerans
