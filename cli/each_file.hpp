// What commands that only read share: their inputs, folders among them; one bad file costs none of the others.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "folders.hpp"
#include "report.hpp"
#include "summary.hpp"

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

}  // namespace vaerans::cli
