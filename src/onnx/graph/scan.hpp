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

/// A constant: its extents, and its values where they are whole numbers or floats and few.
struct GraphTensor {
  std::vector<std::int64_t> extents;
  std::vector<double> values;
};

/// An operator as the graph gives it. Branches and loop bodies count as part of their node.
struct GraphNode {
  std::string op, domain;  ///< domain: empty for the standard operators
  std::string random;      ///< the operator that draws random numbers, of this node or inside it
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::vector<std::int64_t>, std::less<>> integers;  ///< attributes: one number or several
  std::map<std::string, std::string, std::less<>> texts;
  GraphTensor value;  ///< the tensor that is an attribute (Constant)
};

struct GraphFacts {
  std::int64_t opset = 0;       ///< version of the standard operators; 0 where the file gives none
  std::int64_t ir_version = 0;  ///< version of the file format
  std::vector<std::string> outputs;
  std::vector<std::string> external;  ///< files with weights, relative to the graph's folder; sorted, no doubles
  std::map<std::string, std::string> random;  ///< outputs that depend on random numbers → the operator that draws them
  bool half = false;                          ///< some weights are float16
  std::vector<GraphNode> nodes;               ///< in an order in which they can run
  std::map<std::string, GraphTensor, std::less<>> weights;

  /// The output that stands for the latent: the parameters of the posterior if there are any, else the first one that
  /// does not depend on random numbers, else the first. Empty where the graph has none.
  [[nodiscard]] std::string preferred_output() const;
};

/// Throws Error(model_invalid) for what is cut short, is no ONNX file, or is beyond the bounds; Error(io).
[[nodiscard]] GraphFacts scan_graph(const std::filesystem::path& file);

/// The same for a stream of `size` bytes; `name` stands in error texts.
[[nodiscard]] GraphFacts scan_graph(std::istream& in, std::uint64_t size, const std::string& name);

}  // namespace vaerans::onnx
