// A look at an ONNX file without loading it: what its nodes are, where its weights lie, whether it is whole.
//
// ONNX Runtime's API tells inputs and outputs of a loaded graph, but not its operators nor its external files; this
// reads the few fields of the protobuf message (onnx.proto3, ModelProto) that answer these questions and steps over the
// weights. Files come from elsewhere: lengths, nesting and memory are bounded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace vaerans::onnx {

struct GraphFacts {
  std::int64_t opset = 0;       ///< of the standard operators; 0 where the file says none
  std::int64_t ir_version = 0;  ///< of the file format
  std::vector<std::string> outputs;
  std::vector<std::string> external;  ///< files with weights, relative to the graph's folder; sorted, no doubles
  std::map<std::string, std::string> random;  ///< outputs that depend on random numbers → the operator that draws them
  bool half = false;                          ///< some weights are float16

  /// The output that stands for the latent: the parameters of the posterior if there are any, else the first one that
  /// does not depend on random numbers, else the first. Empty where the graph has none.
  [[nodiscard]] std::string preferred_output() const;
};

/// Throws Error(model_invalid) for what is cut short, is no ONNX file, or is beyond the bounds; Error(io).
[[nodiscard]] GraphFacts scan_graph(const std::filesystem::path& file);

/// The same for a stream of `size` bytes; `name` stands in error texts.
[[nodiscard]] GraphFacts scan_graph(std::istream& in, std::uint64_t size, const std::string& name);

}  // namespace vaerans::onnx
