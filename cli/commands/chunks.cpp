// vaerans verify, vaerans strip
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "batch/each_file.hpp"
#include "commands/commands.hpp"
#include "vaerans/api.hpp"

namespace vaerans::cli {
namespace {

struct VerifyOptions : ReadingOptions {
  bool full = false;
};

/// Gives the pixels that were decoded, 0 of a latent.
std::uint64_t decode(const Bytes& file) {
  if (file_info(file).source_key != "RGB") {
    (void)decompress_latent(file);
    return 0;
  }
  const Image image = decompress(file);
  return image.height * image.width;
}

Exit run_verify(const VerifyOptions& options) {
  return for_each_file(options, &is_vrs_name, [&](const std::string& input, Summary& summary) {
    const Bytes file = read_vrs_input(input, {});
    verify_file(file);
    const std::uint64_t pixels = options.full ? decode(file) : 0;
    const std::string name = display_name(input);
    if (options.json) {
      print_json({{"file", name}, {"bytes", file.size()}, {"checksums", "right"}, {"decoded", options.full}}, -1);
    } else {
      print_line(name + "  " + with_commas(file.size()) + " bytes, " +
                 (options.full ? "checksums right, decoded" : "checksums right"));
    }
    summary.add(file.size(), pixels);
  });
}

struct StripOptions : WritingOptions {
  std::vector<std::string> keep;
};

void strip_one(const FileTask& task, const StripOptions& options, Report& report, Summary& summary) {
  const Bytes file = read_vrs_input(task.input, {});
  const Bytes left = strip_file(file, options.keep);
  write_output(task.output, left, options.force);
  const std::string name = display_name(task.input);
  report.done(name + " -> " + output_name(task) + "  " + with_commas(left.size()) + " bytes, " +
                  with_commas(file.size() - std::min(file.size(), left.size())) + " less",
              {{"input", name}, {"output", output_name(task)}, {"bytes_before", file.size()}, {"bytes", left.size()}});
  summary.add(left.size(), 0);
}

Exit run_strip(const StripOptions& options) {
  const FolderPlan plan = plan_copies(options.inputs, options.output, ".stripped.vrs", options.folders);
  guard_terminal(plan.tasks, options.force);
  make_folders(plan, options.output, options.folders);
  const auto one = [&](const FileTask& task, Report& report, Summary& summary) {
    strip_one(task, options, report, summary);
  };
  return for_each_task(options, plan, &exit_of_reading, one, false);
}

}  // namespace

void add_verify(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<VerifyOptions>();
  auto* command = app.add_subcommand("verify", "Check the checksums of .vrs files");
  options->add_to(*command);
  command->add_flag("--full", options->full, "Decode them, too; this needs their models");
  command->callback([options, &chosen] { chosen = [options] { return run_verify(*options); }; });
}

void add_strip(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<StripOptions>();
  auto* command = app.add_subcommand("strip", "Leave out of .vrs files what a decoder may skip: metadata, tile index");
  options->add_writing_to(*command,
                          "File to write, - for stdout, or a folder; photo.stripped.vrs beside each file without it");
  command->add_option("--keep", options->keep, "A chunk to keep: icc, exif, xmp, tiles, digest or a plugin's name")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->callback([options, &chosen] { chosen = [options] { return run_strip(*options); }; });
}

}  // namespace vaerans::cli
