// Inputs and outputs: which file goes where, and "-" for stdin and stdout.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vaerans/base/limits.hpp"
#include "vaerans/file.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::cli {

struct FileTask {
  std::string input, output;  ///< "-" is stdin or stdout
  std::string conflict{};     ///< why nothing can be made of this input, if it is known already
  ErrorCode conflict_code = ErrorCode::exists;
};

/// What -o and the inputs mean together. Outputs without a name of their own get `suffix` (".vrs"). Throws UsageError.
[[nodiscard]] std::vector<FileTask> plan_jobs(const std::vector<std::string>& inputs, const std::string& output,
                                              const std::string& suffix);

/// Whether an output is a folder: by its name, or because it is there as one.
[[nodiscard]] bool is_folder(const std::string& output);
/// A file that can be read more than once, and anywhere: neither stdin nor a pipe.
[[nodiscard]] bool is_regular(const std::string& input);

/// Makes the folder of the outputs where -o names one that is not there yet.
void make_folder(const std::vector<FileTask>& tasks, const std::string& output);

/// Throws UsageError where binary data would go to a terminal.
void guard_terminal(const std::vector<FileTask>& tasks, bool force);

[[nodiscard]] bool writes_stdout(const std::vector<FileTask>& tasks) noexcept;

/// Throws Error(exists) before any work is done for an output that may not be written.
void require_free(const std::string& output, bool force);

/// How messages name an input: "stdin" for "-".
[[nodiscard]] std::string display_name(const std::string& input);
/// How they name an output: "stdout" for "-".
[[nodiscard]] inline std::string output_name(const FileTask& task) {
  return task.output == "-" ? "stdout" : task.output;
}

[[nodiscard]] Bytes read_input(const std::string& input, const Limits& limits, const LookAtFront& look = {});
/// The same of a picture, or of a .vrs file: anything else is refused from its first bytes, however much follows.
[[nodiscard]] Bytes read_picture_input(const std::string& input, const Limits& limits);
[[nodiscard]] Bytes read_vrs_input(const std::string& input, const Limits& limits);
/// Writes a file or stdout; an interrupt leaves no temporary file.
void write_output(const std::string& output, std::span<const std::uint8_t> bytes, bool force);

}  // namespace vaerans::cli
