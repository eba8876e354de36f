// JobRun: what compress and decompress share: read every input, work in batches, report, exit.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "report.hpp"
#include "run_options.hpp"

namespace vaerans::cli {

/// How messages name an output.
[[nodiscard]] inline std::string output_name(const Job& job) { return job.output == "-" ? "stdout" : job.output; }

template <typename Payload>
class JobRun {
 public:
  JobRun(const RunOptions& options, const std::vector<Job>& jobs)
      : context_(options.context(trace_)),
        report_(jobs.size(), options.quiet, options.verbose, !writes_stdout(jobs)),
        options_(options),
        batch_([this](auto& items) {
          const std::size_t first_record = trace_.size();
          work(items);
          report_.stages(trace_, first_record);
        }) {}
  virtual ~JobRun() = default;
  JobRun(const JobRun&) = delete;
  JobRun& operator=(const JobRun&) = delete;

  Exit run(const std::vector<Job>& jobs) {
    for (const Job& job : jobs) read(job);
    batch_.flush();
    options_.write_trace(trace_);
    return report_.exit();
  }

 protected:
  using Items = std::vector<typename Batch<Payload>::Item>;

  /// Adds a job that was read; `pixels` bounds the batch.
  void add(const Job& job, Payload payload, std::uint64_t pixels) { batch_.add(job, std::move(payload), pixels); }

  /// Failures of one call of the library, whose `entity` is the place in `items`.
  void report_failures(const std::vector<Failure>& failures, const Items& items, Exit (*exit_of_code)(ErrorCode)) {
    for (const Failure& f : failures) {
      report_.failed(display_name(items.at(f.entity).job.input), f.code, f.message, exit_of_code(f.code));
    }
  }

  Trace trace_;
  Context context_;
  Report report_;

 private:
  virtual void read(const Job& job) = 0;
  virtual void work(Items& items) = 0;

  const RunOptions& options_;
  Batch<Payload> batch_;
};

}  // namespace vaerans::cli
