#include "each_file.hpp"

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
  for (const auto& [input, place] : files) {
    try {
      work(input, summary);
      report.done();
    } catch (const Error& error) {
      report.failed(display_name(input), error.code(), error.what(), exit_of_reading(error.code()));
    }
  }
  if (options.folders.recursive) summary.print(report);
  return report.exit();
}

}  // namespace vaerans::cli
