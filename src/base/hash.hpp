// SHA-256 of files, computed once for each content.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace vaerans {

/// What tells one content of a file from another without reading it: size and time of change, "-" if there is no file.
[[nodiscard]] std::string file_stamp(const std::filesystem::path& file);

/// SHA-256 as 64 hex digits. Remembered for the life of the program, by path and stamp. Thread-safe. Throws Error(io).
[[nodiscard]] std::string file_sha256(const std::filesystem::path& file);

/// SHA-256 of a text as 64 hex digits. Throws Error(internal) where OpenSSL has no SHA-256.
[[nodiscard]] std::string text_sha256(std::string_view text);

/// SHA-256 of texts put together, which are not copied.
[[nodiscard]] std::string texts_sha256(std::span<const std::string_view> texts);

}  // namespace vaerans
