#include "api/compress/recipe_model.hpp"

#include <algorithm>
#include <vector>

#include "api/compress/renewed.hpp"
#include "core/chain/recipe.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

// By its name, or by its place: the model is the first parameter of what runs one.
bool says_model(const RecipeStep& step) {
  return std::ranges::any_of(step.args, [](const auto& arg) { return arg.first.empty() || arg.first == "model"; });
}

SystemPtr with_model(const Pipeline::Step& step, const RecipeStep& text, const std::string& model) {
  if (!says_model(text)) return step.system->with_model(model);
  if (*step.system->model() == model) return step.system;
  throw Error(ErrorCode::bad_parameter, "the recipe's step " + step.system->recipe() + " runs model '" +
                                            *step.system->model() + "', but model '" + model +
                                            "' is asked for beside it; name it in one of the two");
}

}  // namespace

Pipeline recipe_with(const std::string& recipe, const std::string& model) {
  Pipeline chain = Pipeline::parse(recipe);
  if (model.empty()) return chain;
  const auto runs_model = [](const Pipeline::Step& step) { return step.system->model().has_value(); };
  if (std::ranges::none_of(chain.steps(), runs_model)) {
    throw Error(ErrorCode::bad_parameter, "no step of the recipe '" + recipe + "' runs a model, so model '" + model +
                                              "' would do nothing; leave one of the two out");
  }
  const std::vector<RecipeStep> texts = parse_recipe(recipe);
  auto text = texts.begin();
  return renewed(chain, [&](const Pipeline::Step& step) {
    const RecipeStep& own = *text++;
    return runs_model(step) ? with_model(step, own, model) : step.system;
  });
}

}  // namespace vaerans
