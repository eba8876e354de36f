// Recipes: the text form of a Pipeline.
//
//   recipe = step { "|" step }          step  = [ "@" key ] name [ "(" args ")" ] [ "->" key ]
//   args   = arg { "," arg }            arg   = [ name "=" ] value      (without a name: the parameters in their order)
//   value  = true | false | number | word | 'text with \' and \\ escaped'
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/params.hpp"

namespace vaerans {

struct RecipeStep {
  std::string from, name, out;
  std::vector<std::pair<std::string, ParamValue>> args;  ///< an empty name: by position
};

/// Throws Error(bad_recipe) with the character's position, counted from 1.
[[nodiscard]] std::vector<RecipeStep> parse_recipe(std::string_view text);

/// Throws Error(invalid_argument) for what could not stand in a recipe as a component's key; nothing is none.
void require_key(std::string_view key);

}  // namespace vaerans
