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

std::string reference_to(std::string_view name, std::string_view hash) {
  return std::string(name) + "@" + std::string(hash);
}

std::string fetch_command(std::string_view hash) { return "`vaerans models fetch " + std::string(hash) + "`"; }

}  // namespace vaerans::models
