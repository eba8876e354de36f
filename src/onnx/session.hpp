// Session: one ONNX graph, ready to run on memory of the caller.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/graph_reach.hpp"
#include "vaerans/core/tensor.hpp"

namespace vaerans::onnx {

/// A file of weights beside a graph, as the graph names it (relative to its own folder).
struct ExternalFile {
  std::string location, sha256;
};

/// A file, its content's hash, and the tensors that matter; empty names: the graph's first input, and the output that
/// GraphFacts::preferred_output names.
struct GraphFile {
  std::string path, sha256, input, output;
  std::vector<ExternalFile> external = {};
  bool half = false;  ///< weights are float16: large activations may overflow
  Reach reach = {};
};

/// How to run it.
struct Execution {
  std::string device = "auto";  ///< as Context.device
  std::string providers;        ///< execution providers in order, separated by commas; overrides the device
  unsigned threads = 0;         ///< 0: as many as the machine has
};

/// An input or output as the graph declares it. An extent of -1 is free.
struct GraphPort {
  std::string name;
  std::vector<std::int64_t> extents;
  bool half = false;  ///< float16 in the graph; callers see float32 all the same
  /// Whether a tensor of this shape may stand here, as far as the graph says.
  [[nodiscard]] bool accepts(const Shape& shape) const;
  [[nodiscard]] std::string str() const;  ///< "sample (?, 3, ?, ?)"
};

class Session {
 public:
  /// The session of this graph under this execution: made once, kept for the life of the program, shared by all
  /// threads. Throws Error(runtime_not_found), Error(model_invalid) for what is no whole graph of 4-axis float32 or
  /// float16 tensors, and for outputs that depend on random numbers.
  static std::shared_ptr<const Session> open(const GraphFile& graph, const Execution& execution);

  /// The same without keeping it: for a look at a graph.
  static std::unique_ptr<const Session> load(const GraphFile& graph, const Execution& execution);

  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs the graph by I/O binding: it reads `in` and writes `out` where they lie (tensors of float16 graphs are
  /// converted on the way). Thread-safe.
  /// Throws Error(model_invalid) where the graph declares other shapes, Error(inference) with ONNX Runtime's text.
  void run(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out) const;

  /// Runs the graph on zeros and tells the shape of what it makes. Throws Error(inference).
  [[nodiscard]] Shape probe(const Shape& in_shape) const;

  [[nodiscard]] const GraphPort& input() const noexcept { return input_; }
  [[nodiscard]] const GraphPort& output() const noexcept { return output_; }
  /// Whether the graph accepts one picture at a time only.
  [[nodiscard]] bool single() const noexcept { return !input_.extents.empty() && input_.extents[0] == 1; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Something to tell about how it runs ("CUDA could not be used…"); mostly empty.
  [[nodiscard]] const std::string& note() const noexcept { return note_; }

 private:
  struct Impl;
  Session(const GraphFile& graph, const std::vector<std::string>& providers, unsigned threads, bool may_fall_back);
  void check_shapes(const Shape& in_shape, const Shape& out_shape) const;

  std::unique_ptr<Impl> impl_;
  GraphPort input_, output_;
  std::string path_, note_;
};

/// Whether the runtime library was built with this execution provider.
[[nodiscard]] bool has_provider(std::string_view name);

}  // namespace vaerans::onnx
