// What roles, and the kinds of a text parameter, are called outside of C++: in JSON and in Python.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "vaerans/core/params.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

/// In the order of Role.
inline constexpr std::array<std::string_view, 4> role_names = {"forward", "inverse", "filter", "measure"};
/// In the order of ParamRange::Text.
inline constexpr std::array<std::string_view, 4> text_names = {"any", "choice", "key", "model"};

[[nodiscard]] constexpr std::string_view role_name(Role role) { return role_names.at(static_cast<std::size_t>(role)); }
[[nodiscard]] constexpr std::string_view text_name(ParamRange::Text text) {
  return text_names.at(static_cast<std::size_t>(text));
}

}  // namespace vaerans
