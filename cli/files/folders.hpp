// Folders as inputs: `-r` walks them, and what is made of them mirrors the tree under -o.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "files/files.hpp"

namespace vaerans::cli {

struct FolderOptions {
  bool recursive = false, skip_existing = false;
  std::vector<std::string> include, exclude;

  void add_to(CLI::App& command);          ///< for commands that make a file of each
  void add_reading_to(CLI::App& command);  ///< for commands that make none
};

/// What a run over files and folders does, and what it leaves alone.
struct FolderPlan {
  /// In the order of their paths; `conflict` where two would make one output, and for folders that cannot be read.
  std::vector<FileTask> tasks;
  std::size_t skipped = 0;  ///< outputs that are there, with --skip-existing
};

using NameTest = bool (*)(std::string_view name);

/// Whether a file of this name is likely a picture that read_image reads.
[[nodiscard]] bool is_picture_name(std::string_view name);
[[nodiscard]] bool is_vrs_name(std::string_view name);

/// The outputs of `inputs`, named after them with `suffix`. With -r of the files below them whose names `wanted`
/// accepts, or that --include names, without what --exclude names. Throws UsageError for folders without -r, and for
/// -r without -o.
[[nodiscard]] FolderPlan plan_outputs(const std::vector<std::string>& inputs, const std::string& output,
                                      const std::string& suffix, const FolderOptions& options, NameTest wanted);

/// The same where .vrs files are made of .vrs files: in a folder of their own they keep their names, beside their
/// inputs they get `suffix_beside`.
[[nodiscard]] FolderPlan plan_copies(const std::vector<std::string>& inputs, const std::string& output,
                                     const std::string& suffix_beside, const FolderOptions& options);

/// A file, its place within the folder that was given, and why it cannot be read if that is known: of folders in it.
struct PlacedInput {
  std::string file, place, problem;
};

/// The same for commands that only read.
[[nodiscard]] std::vector<PlacedInput> plan_inputs(const std::vector<std::string>& inputs, const FolderOptions& options,
                                                   NameTest wanted);

/// Makes the folders that the outputs go to, where -o names one or -r was given.
void make_folders(const FolderPlan& plan, const std::string& output, const FolderOptions& options);

}  // namespace vaerans::cli
