// Folders that were read, for those who look for models in other ways than by name.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "models/hf_cache.hpp"
#include "models/model.hpp"

namespace vaerans::models {

/// The model of a folder; the same object as long as none of its files changes. Throws Error(model_invalid).
[[nodiscard]] std::shared_ptr<const Model> read_folder(const std::filesystem::path& folder, const Origin& origin = {});

/// Folders that this process opened as such whose model has this name, or those of other names, the last one first.
[[nodiscard]] std::vector<std::pair<std::filesystem::path, Origin>> opened_folders(std::string_view name, bool named);

[[nodiscard]] Origin origin_of(const Snapshot& snapshot);

}  // namespace vaerans::models
