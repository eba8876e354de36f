// The cache of Hugging Face's tools, read only: <hub>/models--ORG--NAME/snapshots/<commit>/… with refs/main naming the
// commit. Nothing is downloaded.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vaerans::models {

/// HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub ($XDG_CACHE_HOME counts). Empty without a home.
[[nodiscard]] std::filesystem::path hub_folder();

/// Whether a text can be a repository's id: "org/name".
[[nodiscard]] bool is_repository_id(std::string_view text) noexcept;

struct Snapshot {
  std::string repository, commit;
  std::filesystem::path folder;  ///< empty: not in the cache
};

/// The snapshot that refs/main names, or the only one there is.
[[nodiscard]] Snapshot find_snapshot(std::string_view repository);

/// The first repository of this name, of any organisation, whose snapshot holds a model that can be run.
[[nodiscard]] Snapshot find_snapshot_by_name(std::string_view name);

/// All snapshots of all repositories whose model has this name, those of before included.
[[nodiscard]] std::vector<Snapshot> snapshots_of_name(std::string_view name);

}  // namespace vaerans::models
