// Variables of the process's environment, most of which name folders.
#pragma once

#include <cstdlib>
#include <string>

namespace vaerans {

/// Empty where there is none.
[[nodiscard]] inline std::string environment_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace vaerans
