#include "onnx/graph/receptive_field.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace vaerans::onnx {
namespace {

constexpr std::array<std::string_view, 36> pointwise{"Abs",
                                                     "Add",
                                                     "Cast",
                                                     "Ceil",
                                                     "Clip",
                                                     "Dropout",
                                                     "Div",
                                                     "Elu",
                                                     "Erf",
                                                     "Exp",
                                                     "Floor",
                                                     "Gelu",
                                                     "HardSwish",
                                                     "HardSigmoid",
                                                     "Identity",
                                                     "Log",
                                                     "Max",
                                                     "Min",
                                                     "Mul",
                                                     "Neg",
                                                     "PRelu",
                                                     "LeakyRelu",
                                                     "Pow",
                                                     "Reciprocal",
                                                     "Relu",
                                                     "Round",
                                                     "Selu",
                                                     "Sigmoid",
                                                     "Sign",
                                                     "Softplus",
                                                     "Sqrt",
                                                     "Sub",
                                                     "Sum",
                                                     "Tanh",
                                                     "QuantizeLinear",
                                                     "DequantizeLinear"};
constexpr double bytes_each = sizeof(float);

/// PyTorch spells space-to-depth by a block b as Unsqueeze, Reshape, Reshape, Transpose, Reshape, Squeeze; a tensor
/// between two of them is at one of these places.
enum class Unshuffle : std::uint8_t { none, unsqueezed, rows_split, split, transposed, merged };

/// A tensor that depends on the input.
struct Flow {
  double scale = 1;            ///< samples for each input sample, in one direction
  double receptive_field = 0;  ///< input samples on each side
  double channels = 0;         ///< 0: unknown
  bool local = true;
  Unshuffle place = Unshuffle::none;
  std::int64_t block = 0;
};

std::int64_t integer(const GraphNode& node, std::string_view name, std::int64_t fallback) {
  const auto found = node.integers.find(name);
  return found == node.integers.end() || found->second.empty() ? fallback : found->second.front();
}

std::vector<std::int64_t> list(const GraphNode& node, std::string_view name,
                               const std::vector<std::int64_t>& fallback) {
  const auto found = node.integers.find(name);
  return found == node.integers.end() ? fallback : found->second;
}

std::string text(const GraphNode& node, std::string_view name, const std::string& fallback) {
  const auto found = node.texts.find(name);
  return found == node.texts.end() ? fallback : found->second;
}

/// A sliding window in one direction.
struct Window {
  std::int64_t extent, stride, before, after;  ///< extent with dilation; padding before and after
};

class Walk {
 public:
  explicit Walk(const GraphFacts& graph) : graph_(graph) {
    for (const auto& [name, tensor] : graph.weights) constants_.emplace(name, &tensor);
  }

  ReceptiveField run() {
    for (const GraphNode& node : graph_.nodes) visit(node);
    ReceptiveField out;
    double receptive_field = 0;
    const auto steady = [&](const std::string& name) { return !graph_.random.contains(name); };
    for (const std::string& name : graph_.outputs) {
      const auto found = flows_.find(name);
      if (!steady(name) || found == flows_.end()) continue;
      const Flow& flow = found->second;
      out.local = flow.local && flow.place == Unshuffle::none && (out.local || receptive_field == 0);
      receptive_field = std::max({receptive_field, flow.receptive_field, 1e-9});
    }
    out.halo = static_cast<std::uint64_t>(std::ceil(receptive_field - 1e-6));
    out.grain = static_cast<std::uint64_t>(std::max(1.0, std::round(1 / smallest_)));
    out.largest = largest_;
    return out;
  }

 private:
  void visit(const GraphNode& node) {
    if (node.outputs.empty()) return;
    if (node.op == "Constant") {
      constants_.emplace(node.outputs.front(), &node.value);
      return;
    }
    const std::vector<Flow> inputs = flows_of(node);
    if (inputs.empty()) return constant(node);
    const Flow flow = apply(node, inputs);
    smallest_ = std::min(smallest_, flow.scale);
    largest_ = std::max(largest_, flow.channels * flow.scale * flow.scale * bytes_each);
    for (const std::string& output : node.outputs) flows_[output] = flow;
  }

  /// Inputs that depend on the graph's input; weights and what is made of them do not.
  [[nodiscard]] std::vector<Flow> flows_of(const GraphNode& node) const {
    std::vector<Flow> out;
    for (const std::string& name : node.inputs) {
      if (const auto found = flows_.find(name); found != flows_.end()) {
        out.push_back(found->second);
      } else if (!name.empty() && !constants_.contains(name) && !computed_.contains(name)) {
        out.emplace_back();  // the graph's own input
      }
    }
    return out;
  }

  /// Weights that are stored in another type, and the like: their extents still matter.
  void constant(const GraphNode& node) {
    const GraphTensor* const same =
        node.op == "Cast" || node.op == "Identity" || node.op == "DequantizeLinear" ? constant_of(node, 0) : nullptr;
    for (const std::string& output : node.outputs) {
      if (same != nullptr) constants_.emplace(output, same);
      if (same == nullptr) computed_.insert(output);
    }
  }

  [[nodiscard]] const GraphTensor* constant_of(const GraphNode& node, std::size_t input) const {
    if (input >= node.inputs.size()) return nullptr;
    const auto found = constants_.find(node.inputs[input]);
    return found == constants_.end() ? nullptr : found->second;
  }

  [[nodiscard]] Flow apply(const GraphNode& node, const std::vector<Flow>& inputs) const {
    Flow flow = joined(inputs, node.op == "Concat");
    const bool standard = node.domain.empty() || node.domain == "ai.onnx";
    if (!standard || (flow.place != Unshuffle::none && !goes_on(node, flow))) {
      flow.local = false;
      flow.place = Unshuffle::none;
      return flow;
    }
    if (flow.place != Unshuffle::none) return unshuffled(node, flow);
    if (std::find(pointwise.begin(), pointwise.end(), node.op) != pointwise.end()) return computed(node, flow);
    if (node.op == "Conv") return convolution(node, flow);
    if (node.op == "ConvTranspose") return transposed(node, flow);
    if (node.op == "MaxPool" || node.op == "AveragePool") return pooled(node, flow);
    if (node.op == "DepthToSpace") return rescaled(flow, static_cast<double>(integer(node, "blocksize", 1)));
    if (node.op == "SpaceToDepth") return rescaled(flow, 1 / static_cast<double>(integer(node, "blocksize", 1)));
    if (node.op == "Resize" || node.op == "Upsample") return resized(node, flow);
    if (node.op == "Concat" && integer(node, "axis", 0) == 1) return flow;
    if (node.op == "Unsqueeze") return unsqueezed(node, flow);
    flow.local = false;
    return flow;
  }

  static Flow joined(const std::vector<Flow>& inputs, bool concatenated) {
    Flow out = inputs.front();
    double sum = 0;
    for (const Flow& flow : inputs) {
      out.local = out.local && flow.local && std::abs(flow.scale - inputs.front().scale) < 1e-9 &&
                  flow.place == inputs.front().place;
      out.receptive_field = std::max(out.receptive_field, flow.receptive_field);
      out.channels = std::max(out.channels, flow.channels);
      sum += flow.channels;
    }
    if (concatenated) out.channels = sum;
    return out;
  }

  /// Constants must be the same at every place, as tiles do not know theirs.
  [[nodiscard]] Flow computed(const GraphNode& node, Flow flow) const {
    const bool by_channel = node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
    for (std::size_t i = 0; i < node.inputs.size() && !by_channel; ++i) {
      const GraphTensor* const tensor = constant_of(node, i);
      if (tensor == nullptr) {
        flow.local = flow.local && !computed_.contains(node.inputs[i]);
        continue;
      }
      const auto& extents = tensor->extents;
      const auto places = extents.end() - std::min<std::ptrdiff_t>(2, std::ssize(extents));
      flow.local = flow.local && std::all_of(places, extents.end(), [](std::int64_t n) { return n == 1; });
    }
    return flow;
  }

  // ---- windows ---------------------------------------------------------------------------------------------------

  /// The windows along height and width; empty where they cannot be told, or where their padding is not by zeros.
  static std::vector<Window> windows(const GraphNode& node, const std::vector<std::int64_t>& kernel) {
    if (kernel.size() != 2 || text(node, "auto_pad", "NOTSET") != "NOTSET") return {};
    const auto strides = list(node, "strides", {1, 1}), dilations = list(node, "dilations", {1, 1});
    const auto pads = list(node, "pads", {0, 0, 0, 0});
    if (strides.size() != 2 || dilations.size() != 2 || pads.size() != 4) return {};
    std::vector<Window> out;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t extent = (kernel[axis] - 1) * dilations[axis] + 1;
      out.push_back({extent, strides[axis], pads[axis], pads[axis + 2]});
    }
    const auto sane = [](const Window& w) {
      return w.extent > 0 && w.extent < (1 << 16) && w.stride > 0 && w.stride <= 256 && w.before >= 0 &&
             w.before < (1 << 16) && w.after >= 0 && w.after < (1 << 16);
    };
    if (!std::all_of(out.begin(), out.end(), sane) || out[0].stride != out[1].stride) return {};
    return out;
  }

  [[nodiscard]] std::vector<std::int64_t> kernel_of(const GraphNode& node) const {
    const GraphTensor* const weights = constant_of(node, 1);
    if (weights == nullptr || weights->extents.size() != 4) return list(node, "kernel_shape", {});
    return list(node, "kernel_shape", {weights->extents[2], weights->extents[3]});
  }

  [[nodiscard]] double outputs_of(const GraphNode& node, std::size_t axis, double factor) const {
    const GraphTensor* const weights = constant_of(node, 1);
    if (weights == nullptr || weights->extents.size() != 4) return 0;
    return static_cast<double>(weights->extents[axis]) * factor;
  }

  /// Output i begins at input sample i · stride and should look no further than its halo; n samples must become
  /// n / stride samples.
  static Flow slid(Flow flow, const std::vector<Window>& windows) {
    if (windows.empty()) flow.local = false;
    double longest = 0;
    for (const Window& w : windows) {
      const std::int64_t padding = w.before + w.after;
      flow.local = flow.local && padding >= w.extent - w.stride && padding < w.extent;
      longest = std::max({longest, static_cast<double>(w.before), static_cast<double>(w.extent - w.before - w.stride)});
    }
    flow.receptive_field += longest / flow.scale;
    if (!windows.empty()) flow.scale /= static_cast<double>(windows.front().stride);
    return flow;
  }

  [[nodiscard]] Flow convolution(const GraphNode& node, const Flow& flow) const {
    Flow out = slid(flow, windows(node, kernel_of(node)));
    out.channels = outputs_of(node, 0, 1);
    return out;
  }

  [[nodiscard]] static Flow pooled(const GraphNode& node, const Flow& flow) {
    Flow out = slid(flow, windows(node, list(node, "kernel_shape", {})));
    out.local = out.local && integer(node, "ceil_mode", 0) == 0;
    return out;
  }

  /// Outputs [i · stride, (i + 1) · stride) stand for input i; n samples must give n · stride.
  [[nodiscard]] Flow transposed(const GraphNode& node, Flow flow) const {
    const auto along = windows(node, kernel_of(node));
    const auto extra = list(node, "output_padding", {0, 0});
    flow.local = flow.local && !along.empty() && extra.size() == 2 && !node.integers.contains("output_shape");
    double longest = 0;
    for (std::size_t axis = 0; axis < along.size() && flow.local; ++axis) {
      const Window& w = along[axis];
      flow.local = w.extent - w.before - w.after + extra[axis] == w.stride;
      longest =
          std::max({longest, std::floor(static_cast<double>(w.extent - 1 - w.before) / static_cast<double>(w.stride)),
                    std::floor(static_cast<double>(w.stride - 1 + w.before) / static_cast<double>(w.stride))});
    }
    flow.receptive_field += longest / flow.scale;
    if (!along.empty()) flow.scale *= static_cast<double>(along.front().stride);
    flow.channels = outputs_of(node, 1, static_cast<double>(integer(node, "group", 1)));
    return flow;
  }

  // ---- resampling ------------------------------------------------------------------------------------------------

  static Flow rescaled(Flow flow, double by) {
    if (!(by > 0)) {
      flow.local = false;
      return flow;
    }
    flow.scale *= by;
    flow.channels /= by * by;
    return flow;
  }

  /// Nearest neighbours by a whole factor repeat samples; whatever else resizes blends them.
  [[nodiscard]] Flow resized(const GraphNode& node, Flow flow) const {
    const GraphTensor* const scales = constant_of(node, node.op == "Resize" ? 2 : 1);
    const bool known = scales != nullptr && scales->values.size() == 4 && scales->values[2] == scales->values[3] &&
                       scales->values[0] == 1 && scales->values[1] == 1 && scales->values[2] > 0;
    const double by = known ? scales->values[2] : 2;
    flow.local = flow.local && known && by >= 1 && by == std::floor(by) && text(node, "mode", "nearest") == "nearest";
    flow.scale *= by;
    return flow;
  }

  [[nodiscard]] Flow unsqueezed(const GraphNode& node, Flow flow) const {
    const GraphTensor* const axes = constant_of(node, 1);
    flow.local = flow.local && axes != nullptr && axes->values == std::vector<double>{3};
    if (flow.local) flow.place = Unshuffle::unsqueezed;
    return flow;
  }

  /// Whether the node is the one that comes next in the spelling of space-to-depth.
  [[nodiscard]] bool goes_on(const GraphNode& node, const Flow& flow) const {
    const GraphTensor* const given = constant_of(node, 1);
    const std::vector<double> values = given == nullptr ? std::vector<double>{} : given->values;
    const bool reshape = node.op == "Reshape";
    const auto block = static_cast<double>(flow.block);
    switch (flow.place) {
      case Unshuffle::unsqueezed:
        return reshape && values.size() == 5 && values[3] >= 1 && values[3] <= 256 &&
               values == std::vector<double>{0, 0, -1, values[3], 0};
      case Unshuffle::rows_split: return reshape && values == std::vector<double>{0, 0, 0, 0, -1, block};
      case Unshuffle::split:
        return node.op == "Transpose" && list(node, "perm", {}) == std::vector<std::int64_t>{0, 1, 3, 5, 2, 4};
      case Unshuffle::transposed: return reshape && values == std::vector<double>{0, -1, 1, 1, 0, 0};
      case Unshuffle::merged: return node.op == "Squeeze" && values == std::vector<double>{2, 3};
      case Unshuffle::none: break;
    }
    return false;
  }

  [[nodiscard]] Flow unshuffled(const GraphNode& node, Flow flow) const {
    if (flow.place == Unshuffle::unsqueezed) flow.block = static_cast<std::int64_t>(constant_of(node, 1)->values[3]);
    if (flow.place != Unshuffle::merged) {
      flow.place = static_cast<Unshuffle>(static_cast<int>(flow.place) + 1);
      return flow;
    }
    flow.place = Unshuffle::none;
    return rescaled(flow, 1 / static_cast<double>(flow.block));
  }

  const GraphFacts& graph_;
  std::unordered_map<std::string, const GraphTensor*> constants_;
  std::unordered_set<std::string> computed_;  ///< tensors computed from constants, in ways that are not followed
  std::unordered_map<std::string, Flow> flows_;
  double smallest_ = 1, largest_ = 0;
};

}  // namespace

ReceptiveField receptive_field_of(const GraphFacts& graph) { return Walk(graph).run(); }

}  // namespace vaerans::onnx
