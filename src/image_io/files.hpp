// Plain files, with errors that name the path and the reason.
#pragma once

#include <cstdint>
#include <string>

#include "base/files/file_descriptor.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::image_io {

/// Error(io): "path: action: reason", the reason being that of `error_number` (an errno value).
[[nodiscard]] Error io_error(const std::string& path, const std::string& action, int error_number);

/// Throws Error(io) unless `path` can be opened for reading and is no folder. Gives the size of a regular file, and the
/// largest number for anything else, whose size is not known beforehand (pipes, devices).
std::uint64_t require_readable_file(const std::string& path);

/// Not open where that fails, with errno.
[[nodiscard]] FileDescriptor open_for_reading(const std::string& path);

}  // namespace vaerans::image_io
