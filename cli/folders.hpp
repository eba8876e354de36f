// Folders as inputs: `-r` walks them, and what is made of them mirrors the tree under -o.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "files.hpp"

namespace vaerans::cli {

struct FolderOptions {
  bool recursive = false, skip_existing = false;
  std::vector<std::string> include, exclude;

  void add_to(CLI::App& command);
};

/// What a run over folders does, and what it leaves alone.
struct FolderPlan {
  std::vector<FileTask> tasks;  ///< in the order of their paths; `conflict` where two would make one output
  std::size_t skipped = 0;      ///< outputs that are there, with --skip-existing
};

/// Whether a file of this name is likely a picture that `compress` reads.
[[nodiscard]] bool is_picture_name(std::string_view name);

/// The files below the inputs whose names `wanted` accepts, or that --include names, without what --exclude names.
/// For -r; throws UsageError without -o.
[[nodiscard]] FolderPlan plan_folders(const std::vector<std::string>& inputs, const std::string& output,
                                      const std::string& suffix, const FolderOptions& options,
                                      bool (*wanted)(std::string_view name));

/// Makes the folders that the outputs go to.
void make_folders(const std::vector<FileTask>& tasks);

}  // namespace vaerans::cli
