#include "files/folders.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>

#include "report.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::cli {
namespace {

namespace fs = std::filesystem;

/// A pattern without a slash is about the name alone, as in .gitignore.
bool matches(const std::vector<std::string>& patterns, const std::string& relative) {
  const std::string name = fs::path(relative).filename().string();
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    const std::string& text = pattern.find('/') == std::string::npos ? name : relative;
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  });
}

/// What lies in a folder; its own descriptor is closed before the folders in it are opened.
std::vector<fs::directory_entry> entries_of(const fs::path& folder, std::error_code& failure) {
  std::vector<fs::directory_entry> out;
  for (fs::directory_iterator at(folder, failure); !failure && at != fs::directory_iterator(); at.increment(failure))
    out.push_back(*at);
  return out;
}

/// All files below, and the folders that cannot be read (to the end), with the reason. Links to folders are not
/// followed.
void walk(const fs::path& root, const fs::path& folder, std::vector<PlacedInput>& out) {
  std::error_code failure, ignored;
  const auto entries = entries_of(folder, failure);
  const auto place = [&](const fs::path& path) { return path.lexically_relative(root).string(); };
  if (failure) {
    const std::string problem = "the folder cannot be read: " + failure.message();
    if (folder == root) throw Error(ErrorCode::io, folder.string() + ": " + problem);
    out.push_back({folder.string(), place(folder), problem});
  }
  for (const fs::directory_entry& entry : entries) {
    if (entry.is_regular_file(ignored)) out.push_back({entry.path().string(), place(entry.path()), {}});
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) walk(root, entry.path(), out);
  }
}

std::vector<PlacedInput> inputs_of(const std::string& input, const FolderOptions& options, NameTest wanted) {
  std::error_code ignored;
  if (!fs::is_directory(input, ignored)) return {{input, fs::path(input).filename().string(), {}}};
  std::vector<PlacedInput> out;
  walk(input, input, out);
  std::erase_if(out, [&](const PlacedInput& found) {
    if (!found.problem.empty()) return false;
    const bool taken = options.include.empty() ? wanted(found.place) : matches(options.include, found.place);
    return !taken || matches(options.exclude, found.place);
  });
  std::ranges::sort(out, {}, &PlacedInput::place);
  return out;
}

void require_no_folders(const std::vector<std::string>& inputs, const FolderOptions& options) {
  if (!(options.include.empty() && options.exclude.empty())) throw UsageError("--include and --exclude go with -r");
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (fs::is_directory(input, ignored)) throw UsageError(input + " is a folder: -r takes the files in it");
  }
}

/// What has a conflict is told, whoever made the file that is there.
bool is_done(const FileTask& task) {
  std::error_code ignored;
  return task.conflict.empty() && task.output != "-" && fs::exists(task.output, ignored);
}

FolderPlan plan_trees(const std::vector<std::string>& inputs, const std::string& output, const std::string& suffix,
                      const FolderOptions& options, NameTest wanted) {
  if (output.empty() || output == "-") throw UsageError("-r needs -o FOLDER, where the results go");
  FolderPlan plan;
  std::map<std::string, std::string> writers;
  for (const auto& [file, place, problem] : plan_inputs(inputs, options, wanted)) {
    FileTask task{file, (fs::path(output) / place).replace_extension(suffix).string()};
    if (!problem.empty()) {
      plan.tasks.push_back({file, {}, problem, ErrorCode::io});
      continue;
    }
    const auto [first, fresh] = writers.emplace(task.output, file);
    if (!fresh) task.conflict = "would be written to " + task.output + ", as " + first->second + " is";
    plan.tasks.push_back(std::move(task));
  }
  return plan;
}

}  // namespace

void FolderOptions::add_to(CLI::App& command) {
  add_reading_to(command);
  command.get_option("-r")->description("Take folders: all files below them; outputs mirror the tree under -o");
  command.add_flag("--skip-existing,--resume", skip_existing, "Leave out files whose output is there already");
}

void FolderOptions::add_reading_to(CLI::App& command) {
  command.add_flag("-r,--recursive", recursive, "Take folders: all files below them");
  command.add_option("--include", include, "With -r: only files of such names ('*.png', 'holidays/*')")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  command.add_option("--exclude", exclude, "With -r: no files of such names")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
}

bool is_picture_name(std::string_view name) {
  const std::string suffix = lower_case(fs::path(name).extension().string());
  return std::ranges::count(picture_suffixes(), std::string_view(suffix)) > 0;
}

bool is_vrs_name(std::string_view name) { return lower_case(fs::path(name).extension().string()) == ".vrs"; }

std::vector<PlacedInput> plan_inputs(const std::vector<std::string>& inputs, const FolderOptions& options,
                                     NameTest wanted) {
  if (!options.recursive) require_no_folders(inputs, options);
  std::vector<PlacedInput> out;
  for (const std::string& input : inputs) {
    auto found = options.recursive ? inputs_of(input, options, wanted) : std::vector<PlacedInput>{{input, input, {}}};
    std::ranges::move(found, std::back_inserter(out));
  }
  return out;
}

FolderPlan plan_outputs(const std::vector<std::string>& inputs, const std::string& output, const std::string& suffix,
                        const FolderOptions& options, NameTest wanted) {
  if (!options.recursive) require_no_folders(inputs, options);
  FolderPlan plan = options.recursive ? plan_trees(inputs, output, suffix, options, wanted)
                                      : FolderPlan{plan_jobs(inputs, output, suffix), 0};
  if (options.skip_existing) plan.skipped = std::erase_if(plan.tasks, is_done);
  return plan;
}

FolderPlan plan_copies(const std::vector<std::string>& inputs, const std::string& output,
                       const std::string& suffix_beside, const FolderOptions& options) {
  return plan_outputs(inputs, output, output.empty() ? suffix_beside : ".vrs", options, &is_vrs_name);
}

void make_folders(const FolderPlan& plan, const std::string& output, const FolderOptions& options) {
  if (!options.recursive) return make_folder(plan.tasks, output);
  for (const FileTask& task : plan.tasks) {
    if (!task.conflict.empty()) continue;
    const fs::path folder = fs::path(task.output).parent_path();
    std::error_code failure;
    if (!folder.empty()) fs::create_directories(folder, failure);
    if (failure) throw Error(ErrorCode::io, folder.string() + ": the folder cannot be made: " + failure.message());
  }
}

}  // namespace vaerans::cli
