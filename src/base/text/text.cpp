#include "vaerans/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace vaerans {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t i) noexcept {
  return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0;
}

/// How many bytes a character has that begins like this; 0 where none does.
std::size_t length_of(std::uint8_t first) noexcept {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// The second byte's range rules out characters in more bytes than they need, halves of surrogate pairs, and what lies
/// beyond U+10FFFF.
bool second_fits(std::uint8_t first, std::uint8_t second) noexcept {
  std::uint8_t least = 0x80, most = 0xBF;
  if (first == 0xE0) least = 0xA0;
  if (first == 0xF0) least = 0x90;
  if (first == 0xED) most = 0x9F;
  if (first == 0xF4) most = 0x8F;
  return second >= least && second <= most;
}

bool is_control(std::uint8_t first, std::uint8_t second) noexcept {
  return first < 0x20 || first == 0x7F || (first == 0xC2 && second < 0xA0);
}

/// The bytes of the plain character that begins at `i`; 0 where none does.
std::size_t plain_length(std::string_view bytes, std::size_t i) noexcept {
  const std::uint8_t first = byte_at(bytes, i), second = byte_at(bytes, i + 1);
  const std::size_t length = length_of(first);
  if (length == 0 || is_control(first, second) || (length > 1 && !second_fits(first, second))) return 0;
  for (std::size_t k = 2; k < length; ++k) {
    if ((byte_at(bytes, i + k) & 0xC0U) != 0x80) return 0;
  }
  return length;
}

std::string hexadecimal(std::uint8_t byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

}  // namespace

bool is_plain_text(std::string_view bytes) noexcept {
  for (std::size_t i = 0, length = 0; i < bytes.size(); i += length) {
    length = plain_length(bytes, i);
    if (length == 0) return false;
  }
  return true;
}

std::string printable(std::string_view bytes, std::string_view kept) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = plain_length(bytes, i);
    if (length > 0 || kept.find(bytes[i]) != std::string_view::npos) {
      out += bytes.substr(i, length > 0 ? length : 1);
      i += length > 0 ? length : 1;
    } else {
      out += hexadecimal(byte_at(bytes, i++));
    }
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string of_the_list(std::string_view kind, std::size_t place, std::string_view what) {
  return std::string(kind) + " " + std::to_string(place) + " of the list: " + std::string(what);
}

}  // namespace vaerans
