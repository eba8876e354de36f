// Lists in error texts.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vaerans {

/// "a, b or c", where `last` is " or ".
[[nodiscard]] inline std::string joined(std::span<const std::string> names, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? last : ", ";
    out += names[i];
  }
  return out;
}

}  // namespace vaerans
