// What the program says: errors, one line per file, a progress bar. Everything else is silent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "exit_codes.hpp"
#include "vaerans/core/context.hpp"

namespace vaerans::cli {

/// The command line asks for something that cannot be meant.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `vaerans: error[model_not_found]: text` on stderr.
void print_error(std::string_view kind, std::string_view text);

/// A line on stdout. Names may hold anything: what a terminal would obey is written as \xNN.
void print_line(const std::string& text);
/// A property on a line of its own, indented; nothing where the text is empty.
void print_row(const char* label, const std::string& text);
/// On stdout; names that are not UTF-8 get U+FFFD, since JSON must be. `indent` −1 makes it one line.
void print_json(const nlohmann::ordered_json& json, int indent);

[[nodiscard]] std::string with_commas(std::uint64_t number);                          ///< 12345 → "12,345"
[[nodiscard]] std::string fixed(double number, int digits);                           ///< 0.25184, 3 → "0.252"
[[nodiscard]] std::string bits_per_pixel(std::uint64_t bytes, std::uint64_t pixels);  ///< "0.252 bpp"

/// Keeps count of a run over many inputs, and talks about it.
class Report {
 public:
  /// What failed, as it was told.
  struct Failed {
    std::string name, code, text;
  };

  /// `to_stdout`: lines may go there, because no data does. `json`: lines are objects, one each.
  Report(std::size_t inputs, bool quiet, bool verbose, bool to_stdout, bool json = false);
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  /// A file is done: what people are told of it, and what --json gives.
  /// `lost`: what the result lacks, told line by line; with --quiet, too.
  void done(const std::string& text, const nlohmann::ordered_json& json, const std::vector<std::string>& lost = {});
  void done(const std::string& text);
  void done() noexcept { ++finished_; }  ///< where the work itself has printed
  /// A line about the whole run.
  void line(const std::string& text, const nlohmann::ordered_json& json);
  [[nodiscard]] const std::vector<Failed>& failures() const noexcept { return failures_; }
  /// All failures once more, in columns, so that they need not be looked for among thousands of lines.
  void failed_table();
  /// `name` is put before the text unless the text begins with it.
  void failed(const std::string& name, ErrorCode code, const std::string& text, Exit exit);
  /// With -v: seconds per system of the records from `first` on.
  void stages(const Trace& trace, std::size_t first);
  /// 0, the one code that all failures share when nothing worked, or 1.
  [[nodiscard]] Exit exit() const noexcept;

 private:
  void draw_progress();
  void clear_progress();

  void write_line(const std::string& line);

  std::size_t inputs_, finished_ = 0;
  std::vector<Failed> failures_;
  Exit first_failure_ = Exit::ok;
  bool same_failure_ = true;
  bool quiet_, verbose_, json_, progress_, drawn_ = false;
  std::FILE* lines_;
};

}  // namespace vaerans::cli
