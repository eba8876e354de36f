// What models lie on the path, by what their cards state: read without their weights, so that a look costs little and a
// broken model hides none of the others.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/model_sources.hpp"

namespace vaerans::models {

/// Below a folder of models: those of before, which are there to decode with. They lie in folders of any name.
inline constexpr std::string_view released_folder = "released";

struct Index {
  /// In the order of model_paths(), in each folder by its folders' names, and what is `released` behind the others.
  std::vector<ModelGeneration> stated;
  std::vector<std::filesystem::path> bare;  ///< models without a card, whose hash nobody states
  std::vector<BrokenModel> broken;          ///< by their folders' names
};

/// Cards that were read before are remembered as long as their files do not change.
[[nodiscard]] Index index_models();

/// The same of one folder of models, whether or not it is on the path, or of a model's own folder.
[[nodiscard]] Index index_folder(const std::filesystem::path& root);

/// The generation that a name means: the first whose folder is called so, which is its place; else of those that can
/// encode, or of all, the one of the highest revision, of equal ones the first. nullptr: none has the name.
[[nodiscard]] const ModelGeneration* newest_of(const Index& index, std::string_view name);

/// Whether revision `a` is before `b`: numbers count as numbers, part by part ("9" before "10", "4.2" before "4.10").
[[nodiscard]] bool is_older_revision(std::string_view a, std::string_view b);

}  // namespace vaerans::models
