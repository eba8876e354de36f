#include "report.hpp"

#include <unistd.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
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

Report::Report(std::size_t inputs, bool quiet, bool verbose, bool to_stdout)
    : inputs_(inputs),
      quiet_(quiet),
      verbose_(verbose),
      progress_(!quiet && inputs > 1 && ::isatty(STDERR_FILENO) == 1),
      lines_(to_stdout ? stdout : stderr) {
  draw_progress();
}

Report::~Report() { clear_progress(); }

void Report::done(const std::string& line) {
  ++finished_;
  summary(line);
  draw_progress();
}

void Report::summary(const std::string& line) {
  clear_progress();
  // Flushed so that whoever follows the output sees each line when its file is done.
  if (!quiet_) std::fprintf(lines_, "%s\n", printable(line).c_str()), std::fflush(lines_);
}

void Report::failed(const std::string& name, ErrorCode code, const std::string& text, Exit exit) {
  clear_progress();
  ++finished_;
  if (failed_++ == 0) first_failure_ = exit;
  same_failure_ = same_failure_ && exit == first_failure_;
  const bool named = text.starts_with(name + ":");
  print_error(error_name(code), printable(name) + (named ? text.substr(name.size()) : ": " + text));
  draw_progress();
}

void Report::stages(const Trace& trace, std::size_t first) {
  if (!verbose_) return;
  clear_progress();
  std::vector<std::pair<std::string, double>> sums;  // in the order of the chain
  for (const TraceRecord& record : std::span(trace).subspan(first)) {
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
  if (failed_ == 0) return Exit::ok;
  return failed_ == inputs_ && same_failure_ ? first_failure_ : Exit::some_failed;
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
