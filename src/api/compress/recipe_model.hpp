// A recipe, and the model that its steps are to run.
#pragma once

#include <string>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// The chain of a recipe. With a model (a name or a folder; empty: none), the steps that run one and do not say which
/// run this. Throws what Pipeline::parse does, and Error(bad_parameter) where a step says another model and where no
/// step runs any.
[[nodiscard]] Pipeline recipe_with(const std::string& recipe, const std::string& model);

}  // namespace vaerans
