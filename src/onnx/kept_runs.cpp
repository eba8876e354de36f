#include "onnx/kept_runs.hpp"

#include <algorithm>
#include <numeric>

namespace vaerans::onnx {

bool KeptRuns::give_back_after(const void* graph, const Shape& shape, double bytes) {
  const std::scoped_lock lock(mutex_);
  const auto same = [&](const Run& run) { return run.graph == graph && run.shape == shape; };
  if (std::ranges::any_of(kept_, same)) return false;
  const Run run{graph, shape, bytes > 0 ? bytes : budget_};
  const double sum =
      std::accumulate(kept_.begin(), kept_.end(), run.bytes, [](double all, const Run& r) { return all + r.bytes; });
  const bool fits = kept_.empty() || sum <= budget_;
  if (fits) {
    kept_.push_back(run);
  } else {
    kept_.clear();
  }
  return !fits;
}

}  // namespace vaerans::onnx
