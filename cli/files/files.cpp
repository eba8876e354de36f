#include "files/files.hpp"

#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>

#include "interrupt.hpp"
#include "report.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::cli {
namespace {

namespace fs = std::filesystem;

/// photo.png → photo.vrs; the folder stays.
std::string renamed(const std::string& input, const std::string& suffix) {
  if (input == "-") return "stdin" + suffix;
  return fs::path(input).replace_extension(suffix).string();
}

std::string output_of(const std::string& input, const std::string& output, const std::string& suffix, bool folder) {
  if (folder) return (fs::path(output) / fs::path(renamed(input, suffix)).filename()).string();
  if (!output.empty()) return output;
  return input == "-" ? "-" : renamed(input, suffix);
}

void require_distinct(const std::vector<FileTask>& tasks) {
  std::map<std::string, std::string> writers;
  for (const FileTask& task : tasks) {
    std::error_code ignored;  // ./q.png is q.png, and so is a link to it
    const bool same_file = task.input != "-" && fs::equivalent(task.input, task.output, ignored);
    if ((task.input == task.output && task.input != "-") || same_file) {
      throw UsageError(task.input +
                       " would be written over itself; is it the right command? Another name goes with -o");
    }
    const auto [found, fresh] = writers.emplace(task.output, task.input);
    if (fresh) continue;
    throw UsageError(found->second + " and " + task.input + " would both be written to " + task.output);
  }
}

/// `compress a.png a.vrs`, as cjxl and others have it: the second name is no input.
void require_inputs_are_inputs(const std::vector<std::string>& inputs) {
  std::error_code ignored;
  if (inputs.size() != 2 || inputs[1] == "-" || fs::exists(inputs[1], ignored)) return;
  throw UsageError(inputs[1] + ": there is no such file; to write to it, say: " + inputs[0] + " -o " + inputs[1]);
}

}  // namespace

bool is_folder(const std::string& output) {
  std::error_code ignored;
  return output.ends_with('/') || fs::is_directory(output, ignored);
}

bool is_regular(const std::string& input) {
  std::error_code ignored;
  return input != "-" && fs::is_regular_file(input, ignored);
}

std::vector<FileTask> plan_jobs(const std::vector<std::string>& inputs, const std::string& output,
                                const std::string& suffix) {
  if (inputs.size() > 1 && output == "-")
    throw UsageError("several files cannot go to one stdout: name a folder with -o");
  if (output.empty()) require_inputs_are_inputs(inputs);
  const bool folder = output != "-" && !output.empty() && (inputs.size() > 1 || is_folder(output));
  std::error_code ignored;
  if (folder && fs::exists(output, ignored) && !fs::is_directory(output, ignored)) {
    throw UsageError("with several inputs -o is a folder, and " + output + " is a file");
  }
  std::vector<FileTask> tasks;
  tasks.reserve(inputs.size());
  for (const std::string& input : inputs) tasks.push_back({input, output_of(input, output, suffix, folder), {}});
  require_distinct(tasks);
  return tasks;
}

void make_folder(const std::vector<FileTask>& tasks, const std::string& output) {
  if (tasks.size() < 2 && !output.ends_with('/')) return;
  if (output.empty()) return;
  std::error_code failure;
  fs::create_directories(output, failure);
  if (failure) throw Error(ErrorCode::io, output + ": the folder cannot be made: " + failure.message());
}

bool writes_stdout(const std::vector<FileTask>& tasks) noexcept {
  return tasks.size() == 1 && tasks.front().output == "-";
}

void guard_terminal(const std::vector<FileTask>& tasks, bool force) {
  if (force || !writes_stdout(tasks) || ::isatty(STDOUT_FILENO) != 1) return;
  throw UsageError(
      "binary data is not written to a terminal: redirect stdout, or name a file with -o (--force does it all the "
      "same)");
}

void require_free(const std::string& output, bool force) {
  std::error_code ignored;
  if (force || output == "-" || !fs::is_regular_file(output, ignored)) return;
  throw Error(ErrorCode::exists, output + ": exists already; choose another name with -o, or replace it with --force");
}

std::string display_name(const std::string& input) { return input == "-" ? "stdin" : input; }

namespace {

/// `look` is shown what there is first.
Bytes read_stdin(std::uint64_t max_bytes, const LookAtFront& look) {
  Bytes bytes;
  std::uint8_t block[1 << 16];
  for (std::size_t got = 0; (got = std::fread(block, 1, sizeof block, stdin)) > 0;) {
    const bool first = bytes.empty();
    bytes.insert(bytes.end(), block, block + got);
    if (first && look) look(bytes);
    if (bytes.size() > max_bytes)
      throw Error(ErrorCode::limit_exceeded, "stdin: more than " + with_commas(max_bytes) + " bytes");
  }
  if (std::ferror(stdin) != 0)
    throw Error(ErrorCode::io, std::string("stdin: cannot be read: ") + std::strerror(errno));
  return bytes;
}

void write_stdout(std::span<const std::uint8_t> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return;
  throw Error(ErrorCode::io, std::string("stdout: cannot be written: ") + std::strerror(errno));
}

}  // namespace

Bytes read_input(const std::string& input, const Limits& limits, const LookAtFront& look) {
  return input == "-" ? read_stdin(limits.max_file_bytes, look) : read_bytes(input, limits.max_file_bytes, look);
}

Bytes read_picture_input(const std::string& input, const Limits& limits) {
  return read_input(input, limits, [&](auto front) { require_picture(front, display_name(input)); });
}

Bytes read_vrs_input(const std::string& input, const Limits& limits) { return read_input(input, limits, &require_vrs); }

void write_output(const std::string& output, std::span<const std::uint8_t> bytes, bool force) {
  if (output == "-") {
    write_stdout(bytes);
    return;
  }
  const UninterruptedWrite guard;
  write_bytes(output, bytes, force);
}

}  // namespace vaerans::cli
