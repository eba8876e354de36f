#include "report.hpp"

#include <unistd.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "vaerans/base/text.hpp"

namespace vaerans::cli {

void print_error(std::string_view kind, std::string_view text) {
  std::fprintf(stderr, "vaerans: error[%.*s]: %s\n", static_cast<int>(kind.size()), kind.data(),
               printable(text, "\n").c_str());
}

void print_line(const std::string& text) { std::printf("%s\n", printable(text).c_str()); }

void print_row(const char* label, const std::string& text) {
  if (!text.empty()) std::printf("  %-10s %s\n", label, printable(text).c_str());
}

void print_json(const nlohmann::ordered_json& json, int indent) {
  std::printf("%s\n", json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string fixed(double number, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string bits_per_pixel(std::uint64_t bytes, std::uint64_t pixels) {
  return fixed(static_cast<double>(bytes) * 8 / static_cast<double>(pixels), 3) + " bpp";
}

Report::Report(std::size_t inputs, bool quiet, bool verbose, bool to_stdout, bool json)
    : inputs_(inputs),
      quiet_(quiet),
      verbose_(verbose && !json),
      json_(json),
      progress_(!quiet && inputs > 1 && ::isatty(STDERR_FILENO) == 1),
      lines_(to_stdout ? stdout : stderr) {
  draw_progress();
}

Report::~Report() { clear_progress(); }

void Report::done(const std::string& text, const nlohmann::ordered_json& json, const std::vector<std::string>& lost) {
  ++finished_;
  if (quiet_ && !lost.empty()) std::fprintf(stderr, "%s\n", printable(text).c_str());
  line(text, json);
  if (json_ && !quiet_) return;  // it says so itself
  for (const std::string& one : lost) std::fprintf(quiet_ ? stderr : lines_, "  %s\n", printable(one).c_str());
}

void Report::done(const std::string& text) {
  ++finished_;
  write_line(printable(text));
}

void Report::line(const std::string& text, const nlohmann::ordered_json& json) {
  // Names that are not UTF-8 get U+FFFD, since JSON must be.
  write_line(json_ ? json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) : printable(text));
}

void Report::write_line(const std::string& line) {
  clear_progress();
  // Flushed so that whoever follows the output sees each line when its file is done.
  if (!quiet_) std::fprintf(lines_, "%s\n", line.c_str()), std::fflush(lines_);
  draw_progress();
}

void Report::failed(const std::string& name, ErrorCode code, const std::string& text, Exit exit) {
  clear_progress();
  ++finished_;
  if (failures_.empty()) first_failure_ = exit;
  same_failure_ = same_failure_ && exit == first_failure_;
  const bool named = text.starts_with(name + ": ");
  failures_.push_back({name, std::string(error_name(code)), named ? text.substr(name.size() + 2) : text});
  print_error(error_name(code), printable(name) + ": " + failures_.back().text);
  draw_progress();
}

void Report::failed_table() {
  if (failures_.empty()) return;
  clear_progress();
  std::size_t names = 0, codes = 0;
  for (const Failed& f : failures_) {
    names = std::max(names, std::min(printable(f.name).size(), std::size_t{60}));
    codes = std::max(codes, f.code.size());
  }
  std::fprintf(stderr, "failed:\n");
  for (const Failed& f : failures_) {
    std::fprintf(stderr, "  %-*s  %-*s  %s\n", static_cast<int>(names), printable(f.name).c_str(),
                 static_cast<int>(codes), f.code.c_str(), printable(f.text.substr(0, f.text.find('\n'))).c_str());
  }
}

void Report::stages(const Trace& trace, std::size_t first) {
  if (!verbose_) return;
  clear_progress();
  std::vector<std::pair<std::string, double>> sums;  // in the order of the chain
  for (const TraceRecord& record : trace.records(first)) {
    const std::string name = record.system.substr(0, record.system.find('('));
    const auto same = [&](const auto& sum) { return sum.first == name; };
    const auto found = std::ranges::find_if(sums, same);
    if (found == sums.end())
      sums.emplace_back(name, record.seconds);
    else
      found->second += record.seconds;
  }
  for (const auto& [name, seconds] : sums) std::fprintf(lines_, "    %-18s %8.4f s\n", name.c_str(), seconds);
  draw_progress();
}

Exit Report::exit() const noexcept {
  if (failures_.empty()) return Exit::ok;
  return failures_.size() == inputs_ && same_failure_ ? first_failure_ : Exit::some_failed;
}

void Report::draw_progress() {
  if (!progress_ || finished_ == inputs_) return;
  constexpr std::size_t width = 30;
  const std::string done(finished_ * width / inputs_, '#');
  std::fprintf(stderr, "\r[%s%s] %zu/%zu", done.c_str(), std::string(width - done.size(), '.').c_str(), finished_,
               inputs_);
  std::fflush(stderr);
  drawn_ = true;
}

void Report::clear_progress() {
  if (std::exchange(drawn_, false)) std::fputs("\r\033[K", stderr);
}

}  // namespace vaerans::cli
