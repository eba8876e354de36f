// Session: one ONNX graph, ready to run on memory of the caller.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/graph/receptive_field.hpp"
#include "vaerans/core/tensor.hpp"
#include "vaerans/model_half.hpp"

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
  ReceptiveField receptive_field = {};
};

/// How to run it.
struct Execution {
  std::string device = "auto";  ///< as Context.device
  std::string providers;        ///< execution providers in order (see providers.hpp); overrides the device
  unsigned threads = 0;         ///< 0: as many as the machine has
  bool cpu_as_device = false;   ///< tests do on the CPU what is done with a device's memory
};

/// An input or output as the graph declares it.
struct GraphPort : PlanesPort {
  bool half = false;  ///< float16 in the graph; callers see float32 all the same
};

/// The backend of graphs: it reads and writes by I/O binding where the planes lie, in the host's memory or CUDA's
/// (those of float16 graphs are converted on the way, in the host's).
class Session final : public ModelHalf {
 public:
  /// The session of this graph under this execution: made once, kept for the life of the program, shared by all
  /// threads. Throws Error(runtime_not_found), Error(model_invalid) for what is no whole graph of 4-axis float32 or
  /// float16 tensors, and for outputs that depend on random numbers.
  static std::shared_ptr<const Session> open(const GraphFile& graph, const Execution& execution);

  /// The same without keeping it: for a look at a graph.
  static std::unique_ptr<const Session> load(const GraphFile& graph, const Execution& execution);

  ~Session() override;

  /// Runs the graph on zeros and tells the shape of what it makes. Throws Error(inference).
  [[nodiscard]] Shape probe(const Shape& in_shape) const;

  [[nodiscard]] const PlanesPort& input() const noexcept override { return input_; }
  [[nodiscard]] const PlanesPort& output() const noexcept override { return output_; }
  [[nodiscard]] const std::string& label() const noexcept override { return path_; }
  [[nodiscard]] std::string note() const override { return note_; }
  [[nodiscard]] bool sums_as_written() const noexcept override { return on_cpu_; }
  /// Page-locked memory from the pool of CUDA's provider.
  [[nodiscard]] std::shared_ptr<void> transfer_memory(std::size_t bytes) const override;

 private:
  struct Impl;
  Session(const GraphFile& graph, const Execution& execution);
  void start(const GraphFile& graph, const Execution& execution);
  [[noreturn]] void fail(const Shape& in_shape, const Shape& out_shape, const char* what) const;
  void compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
               const std::shared_ptr<void>& memory) const override;
  [[nodiscard]] std::shared_ptr<const DevicePlanes> compute_to_device(const Shape& in_shape, std::span<const float> in,
                                                                      const Shape& out_shape) const override;
  [[nodiscard]] bool compute_from_device(const Shape& in_shape, const DevicePlanes& in, const Shape& out_shape,
                                         std::span<float> out) const override;

  std::unique_ptr<Impl> impl_;
  GraphPort input_, output_;
  std::string path_, note_;
  double alive_ = 0;  ///< bytes of a run's activations for each input sample; 0: unknown
  bool on_cpu_ = false;
};

/// Whether the runtime library was built with this execution provider.
[[nodiscard]] bool has_provider(std::string_view name);

}  // namespace vaerans::onnx
