// Which runs the runtime keeps its memory for.
#pragma once

#include <mutex>
#include <vector>

#include "vaerans/core/tensor.hpp"

namespace vaerans::onnx {

/// All sessions share one pool of memory. Its regions are as large as they were asked for, so those of one graph and
/// shape hardly serve another: the pool would grow with every new shape. It keeps what the runs of a few took, so that
/// they, an encoder and a decoder in turn say, need not ask the system again; what goes beyond is all given back.
class KeptRuns {
 public:
  explicit KeptRuns(double budget) : budget_(budget) {}

  /// Notes a run that is to come and takes about `bytes` (0: unknown, which is kept by itself only). True: the pool is
  /// to give back after it what is free. Any number of threads.
  [[nodiscard]] bool give_back_after(const void* graph, const Shape& shape, double bytes);

 private:
  struct Run {
    const void* graph;
    Shape shape;
    double bytes;
  };
  double budget_;
  std::mutex mutex_;
  std::vector<Run> kept_;
};

}  // namespace vaerans::onnx
