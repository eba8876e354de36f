#include "commands/transcode.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "batch/each_file.hpp"
#include "vaerans/models.hpp"
#include "vaerans/transcode.hpp"

namespace vaerans::cli {
namespace {

struct Options : RunOptions {
  TranscodeOptions api;
  double quality = 75;
  CLI::Option* quality_set = nullptr;
};

void transcode_one(const FileTask& task, const Options& options, const Context& context, Report& report,
                   Summary& summary) {
  const Bytes before = read_vrs_input(task.input, context.limits);
  const Transcoded after = transcode(before, options.api, context);
  write_output(task.output, after.file, options.force);
  const FileInfo info = file_info(after.file, context.limits);
  const std::string how(transcoding_name(after.how));
  summary.add(after.file.size(), info.source_shape[0] * info.source_shape[1]);
  report.done(display_name(task.input) + " -> " + output_name(task) + "  " + with_commas(before.size()) + " -> " +
                  with_commas(after.file.size()) + " bytes  " + how,
              {{"input", display_name(task.input)},
               {"output", output_name(task)},
               {"how", how},
               {"bytes_before", before.size()},
               {"bytes", after.file.size()},
               {"model", info.model},
               {"model_hash", info.model_hash}});
}

Exit run_transcode(Options& options) {
  if (*options.quality_set) {
    require_between("-q/--quality", options.quality, 1, 100);
    options.api.quality = options.quality;
  }
  (void)find_model(options.api.model);  // what is wrong with it is wrong for all files
  const FolderPlan plan = plan_copies(options.inputs, options.output, ".transcoded.vrs", options.folders);
  guard_terminal(plan.tasks, options.force);
  if (!options.trace_path.empty()) require_free(options.trace_path, options.force);
  make_folders(plan, options.output, options.folders);
  const auto one = [&](const FileTask& task, const Context& context, Report& report, Summary& summary) {
    transcode_one(task, options, context, report, summary);
  };
  return for_each_task(options, plan, &exit_of_reading, one);
}

}  // namespace

void add_transcode(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("transcode", "Make .vrs files by a new generation of a model of old ones");
  options->add_to(*command, "File to write, - for stdout, or a folder; photo.transcoded.vrs beside each without it");
  command->add_option("-m,--model", options->api.model, "The new one: name, NAME@HASH or folder")->required();
  command->add_flag("--lossy", options->api.lossy,
                    "Also code files again that do not hold their source bit by bit; this loses once more");
  options->quality_set = command->add_option(
      "-q,--quality", options->quality, "1 to 100, of the new model; without it what the file's own step comes to");
  options->quality_set->type_name("N");
  command->callback([options, &chosen] { chosen = [options] { return run_transcode(*options); }; });
}

}  // namespace vaerans::cli
