#include "batch/each_file.hpp"

namespace vaerans::cli {

void ReadingOptions::add_to(CLI::App& command) {
  command.add_option("FILE", inputs, "Files to read; - is stdin; with -r folders, too")->required();
  folders.add_reading_to(command);
  command.add_flag("--json", json, "One JSON object per file and line; with -r a last one with the sums");
}

Exit for_each_file(const ReadingOptions& options, NameTest wanted,
                   const std::function<void(const std::string& input, Summary& summary)>& work) {
  const auto files = plan_inputs(options.inputs, options.folders, wanted);
  Report report(files.size(), false, false, true, options.json);
  Summary summary;
  summary.timed = false;
  for (const auto& [input, place, problem] : files) {
    try {
      if (!problem.empty()) throw Error(ErrorCode::io, problem);
      work(input, summary);
      report.done();
    } catch (const Error& error) {
      report.failed(display_name(input), error.code(), error.what(), exit_of_reading(error.code()));
    }
  }
  if (options.folders.recursive) summary.print(report);
  return report.exit();
}

Exit for_each_task(const WritingOptions& options, const FolderPlan& plan, Exit (*exit_of_code)(ErrorCode),
                   const std::function<void(const FileTask&, Report&, Summary&)>& work, bool timed) {
  Report report(plan.tasks.size(), options.quiet, false, !writes_stdout(plan.tasks), options.json);
  Summary summary;
  summary.timed = timed;
  summary.skipped = plan.skipped;
  for (const FileTask& task : plan.tasks) {
    try {
      if (!task.conflict.empty()) throw Error(task.conflict_code, task.conflict);
      require_free(task.output, options.force);
      work(task, report, summary);
    } catch (const Error& error) {
      report.failed(display_name(task.input), error.code(), error.what(), exit_of_code(error.code()));
    }
  }
  if (options.folders.recursive) summary.print(report);
  return report.exit();
}

Exit for_each_task(const RunOptions& options, const FolderPlan& plan, Exit (*exit_of_code)(ErrorCode),
                   const std::function<void(const FileTask&, const Context&, Report&, Summary&)>& work) {
  Trace trace;
  const Context context = options.context(trace);
  const WritingOptions& files = options;
  const Exit exit = for_each_task(
      files, plan, exit_of_code,
      [&](const FileTask& task, Report& report, Summary& summary) { work(task, context, report, summary); });
  options.write_trace(trace);
  return exit;
}

}  // namespace vaerans::cli
