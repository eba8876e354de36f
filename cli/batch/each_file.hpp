// One file after the other, for commands that only read and for those that write a file of each: one bad file costs
// none of the others.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "batch/run_options.hpp"
#include "batch/summary.hpp"
#include "files/folders.hpp"
#include "report.hpp"

namespace vaerans::cli {

struct ReadingOptions {
  std::vector<std::string> inputs;
  FolderOptions folders;
  bool json = false;

  void add_to(CLI::App& command);
};

/// Runs `work`, which prints and adds to the summary, on every file; a thrown Error is reported with the file's name.
/// With -r the summary follows.
Exit for_each_file(const ReadingOptions& options, NameTest wanted,
                   const std::function<void(const std::string& input, Summary& summary)>& work);

/// Runs `work`, which writes a file, says so and adds to the summary, on every task; a thrown Error is reported with
/// the input's name. With -r the summary follows.
Exit for_each_task(const WritingOptions& options, const FolderPlan& plan, Exit (*exit_of_code)(ErrorCode),
                   const std::function<void(const FileTask&, Report&, Summary&)>& work, bool timed = true);
/// The same for commands that run a chain: `work` gets their context, and the trace is written at the end.
Exit for_each_task(const RunOptions& options, const FolderPlan& plan, Exit (*exit_of_code)(ErrorCode),
                   const std::function<void(const FileTask&, const Context&, Report&, Summary&)>& work);

}  // namespace vaerans::cli
