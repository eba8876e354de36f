// Summary: what a run over folders adds up to, for the line after the last file and the table of what failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "report.hpp"

namespace vaerans::cli {

class Summary {
 public:
  /// A file that was done; pixels 0 where nobody knows.
  void add(std::uint64_t bytes, std::uint64_t pixels);
  /// A further number of the run, such as a mean: `text` for people, `value` for JSON.
  void note(const std::string& name, const std::string& text, double value);

  std::uint64_t skipped = 0;
  bool timed = true;  ///< whether pixels were worked on, so that MP/s mean something

  /// Says it: a line on stdout, with --json an object {"summary": …} with the failures in it; the table of what failed
  /// goes to stderr.
  void print(Report& report) const;

 private:
  [[nodiscard]] std::string text(std::size_t failed) const;
  [[nodiscard]] nlohmann::ordered_json json(const Report& report) const;
  [[nodiscard]] double megapixels_per_second() const;

  std::uint64_t files_ = 0, bytes_ = 0, pixels_ = 0;
  std::string notes_;
  nlohmann::ordered_json values_ = nlohmann::ordered_json::object();
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace vaerans::cli
