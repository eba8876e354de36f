// BatchRun: what compress and decompress share. Reads every input, works in batches, reports, and gives the exit code.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "batch/batch.hpp"
#include "batch/run_options.hpp"
#include "batch/summary.hpp"
#include "report.hpp"

namespace vaerans::cli {

template <typename Payload>
class BatchRun {
 public:
  BatchRun(const RunOptions& options, const FolderPlan& plan)
      : context_(options.context(trace_)),
        report_(plan.tasks.size(), options.quiet, options.verbose, !writes_stdout(plan.tasks), options.json),
        options_(options),
        batch_([this](auto& items) {
          const std::size_t first_record = trace_.size();
          work(items);
          report_.stages(trace_, first_record);
        }) {
    summary_.skipped = plan.skipped;
  }
  virtual ~BatchRun() = default;
  BatchRun(const BatchRun&) = delete;
  BatchRun& operator=(const BatchRun&) = delete;

  Exit run(const std::vector<FileTask>& tasks) {
    for (const FileTask& task : tasks) {
      if (task.conflict.empty()) {
        read(task);
      } else {
        report_.failed(display_name(task.input), task.conflict_code, task.conflict, Exit::io);
      }
    }
    batch_.flush();
    if (options_.folders.recursive) summary_.print(report_);
    options_.write_trace(trace_);
    return report_.exit();
  }

 protected:
  using Items = std::vector<typename Batch<Payload>::Item>;

  /// Adds a file that was read; `pixels` bounds the batch.
  void add(const FileTask& task, Payload payload, std::uint64_t pixels) {
    batch_.add(task, std::move(payload), pixels);
  }

  /// Failures of one call of the library, whose `entity` is the place in `items`.
  void report_failures(const std::vector<Failure>& failures, const Items& items, Exit (*exit_of_code)(ErrorCode)) {
    for (const Failure& f : failures) {
      report_.failed(display_name(items.at(f.entity).task.input), f.code, f.message, exit_of_code(f.code));
    }
  }

  Trace trace_;
  Context context_;
  Report report_;
  Summary summary_;

 private:
  virtual void read(const FileTask& task) = 0;
  virtual void work(Items& items) = 0;

  const RunOptions& options_;
  Batch<Payload> batch_;
};

}  // namespace vaerans::cli
