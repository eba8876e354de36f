#include "models/generations/reference.hpp"

#include <algorithm>
#include <cctype>

namespace vaerans::models {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

bool is_hash(std::string_view text, std::size_t least) noexcept {
  return text.size() >= least && text.size() <= all_hash_digits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

ModelReference parse_reference(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos && is_hash(text.substr(at + 1))) {
    return {std::string(text.substr(0, at)), lower(text.substr(at + 1))};
  }
  if (is_hash(text, file_hash_digits)) return {{}, lower(text)};
  return {std::string(text), {}};
}

std::string reference_to(std::string_view name, std::string_view hash) {
  return std::string(name) + "@" + std::string(hash);
}

std::string fetch_command(std::string_view hash) { return "`vaerans models fetch " + std::string(hash) + "`"; }

}  // namespace vaerans::models
