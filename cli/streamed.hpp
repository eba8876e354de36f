// --stream: pictures that go through row by row, from a file or stdin to a file or stdout.
#pragma once

#include <functional>

#include "report.hpp"
#include "run_options.hpp"
#include "vaerans/rows.hpp"

namespace vaerans::cli {

/// A raw PGM, PPM or PAM becomes a .vrs file. Throws Error.
void stream_in(const FileTask& task, const RowOptions& how, const Context& context, bool force, Report& report);

/// A .vrs file becomes a PGM, PPM, PAM or NPY. Throws Error.
void stream_out(const FileTask& task, const std::string& suffix, const Context& context, bool force, Report& report);

/// Runs `work` on every task and gives the exit code; what it throws is reported with the input's name.
Exit stream_each(const RunOptions& options, const FolderPlan& plan, Exit (*exit_of_code)(ErrorCode),
                 const std::function<void(const FileTask&, const Context&, Report&)>& work);

}  // namespace vaerans::cli
