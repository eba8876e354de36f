#include "models/generations/reference.hpp"

#include "vaerans/base/text.hpp"

namespace vaerans::models {

bool is_hash(std::string_view text, std::size_t least) noexcept {
  return text.size() >= least && text.size() <= all_hash_digits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

ModelReference parse_reference(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos && is_hash(text.substr(at + 1))) {
    return {std::string(text.substr(0, at)), lower_case(text.substr(at + 1))};
  }
  if (is_hash(text, file_hash_digits)) return {{}, lower_case(text)};
  return {std::string(text), {}};
}

std::string reference_problem(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || !parse_reference(text).hash.empty()) return {};
  const std::string_view given = text.substr(at + 1);
  const std::string found = given.empty() || is_hash(given.substr(0, all_hash_digits), 1)
                                ? "there are " + std::to_string(given.size())
                                : "'" + std::string(given) + "' is something else";
  return "behind an '@' stand " + std::to_string(min_hash_digits) + " to " + std::to_string(all_hash_digits) +
         " hexadecimal digits of a decoder's hash, as `vaerans models info NAME` shows it; " + found;
}

std::string reference_to(std::string_view name, std::string_view hash) {
  return std::string(name) + "@" + std::string(hash);
}

std::string fetch_command(std::string_view hash) {
  if (is_hash(hash, file_hash_digits)) return "`vaerans models fetch " + std::string(hash) + "`";
  return "`vaerans models fetch HASH`, with " + std::to_string(file_hash_digits) +
         " digits of that hash or more, as `vaerans info FILE` shows them of a file";
}

}  // namespace vaerans::models
