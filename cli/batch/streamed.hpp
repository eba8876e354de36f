// --stream: pictures that go through row by row, from a file or stdin to a file or stdout.
#pragma once

#include "batch/run_options.hpp"
#include "batch/summary.hpp"
#include "report.hpp"
#include "vaerans/rows.hpp"

namespace vaerans::cli {

/// A raw PGM, PPM or PAM becomes a .vrs file. Throws Error.
void stream_in(const FileTask& task, const RowOptions& how, const Context& context, bool force, Report& report,
               Summary& summary);

/// A .vrs file becomes a PGM, PPM, PAM or NPY. Throws Error.
void stream_out(const FileTask& task, const std::string& suffix, const Context& context, bool force, Report& report,
                Summary& summary);

}  // namespace vaerans::cli
