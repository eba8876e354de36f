#include "onnx/graph/scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "onnx/graph/protobuf_reader.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::onnx {
namespace {

constexpr std::size_t max_outputs = 64;
constexpr unsigned max_depth = 16;  // graphs in attributes of nodes of graphs …
constexpr std::array<std::string_view, 6> random_ops{"RandomNormal",      "RandomNormalLike", "RandomUniform",
                                                     "RandomUniformLike", "Bernoulli",        "Multinomial"};

/// Field numbers of onnx.proto3.
namespace tag {
enum Model : std::uint64_t { ir_version = 1, graph = 7, opset_import = 8, functions = 25 };
enum Opset : std::uint64_t { domain = 1, version = 2 };
enum Graph : std::uint64_t { graph_node = 1, initializer = 5, output = 12, sparse = 15 };
enum Function : std::uint64_t { function_name = 1, function_node = 7 };
enum Node : std::uint64_t { node_input = 1, node_output = 2, op_type = 4, attribute = 5, node_domain = 7 };
enum Attribute : std::uint64_t {
  attribute_name = 1,
  one_integer = 3,
  one_text = 4,
  one_tensor = 5,
  one_graph = 6,
  integers = 8,
  tensors = 10,
  graphs = 11
};
enum Tensor : std::uint64_t {
  extents = 1,
  data_type = 2,
  float_data = 4,
  int64_data = 7,
  tensor_name = 8,
  raw_data = 9,
  external_data = 13
};
enum Sparse : std::uint64_t { values = 1, indices = 2 };
enum Entry : std::uint64_t { key = 1, value = 2 };
enum Value : std::uint64_t { value_name = 1 };
}  // namespace tag
constexpr std::uint64_t type_float = 1, type_int64 = 7, type_float16 = 10;
constexpr std::size_t most_values = 16;    // values of a tensor that says how an operator works
constexpr std::size_t most_integers = 64;  // numbers of an attribute
constexpr std::size_t most_text = 256;     // bytes of an attribute

using protobuf::Field;
using protobuf::Reader;
using Node = GraphNode;

/// Numbers of a tensor of up to most_values elements, from the raw bytes or from the lists of their type.
std::vector<double> numbers(std::uint64_t type, const std::string& raw) {
  const std::size_t each = type == type_float ? sizeof(float) : sizeof(std::int64_t);
  std::vector<double> out;
  for (std::size_t at = 0; at + each <= raw.size(); at += each) {
    float real = 0;
    std::int64_t whole = 0;
    std::memcpy(type == type_float ? static_cast<void*>(&real) : &whole, raw.data() + at, each);
    out.push_back(type == type_float ? static_cast<double>(real) : static_cast<double>(whole));
  }
  return out;
}

class Scanner {
 public:
  explicit Scanner(Reader& reader) : reader_(reader) {}

  GraphFacts scan() {
    bool has_graph = false;
    reader_.fields(0, reader_.size(), [&](const Field& field) {
      if (field.number == tag::ir_version) facts_.ir_version = static_cast<std::int64_t>(field.value);
      if (field.number == tag::opset_import) opset(field);
      if (field.number == tag::functions) function(field);
      if (field.number != tag::graph) return;
      has_graph = true;
      graph(field, 0, facts_.nodes, &facts_.outputs);
    });
    if (!has_graph || facts_.nodes.empty()) reader_.fail("this is no ONNX file: it holds no graph");
    find_random();
    facts_.external.assign(external_.begin(), external_.end());
    return std::move(facts_);
  }

 private:
  void opset(const Field& entry) {
    std::string domain;
    std::int64_t version = 0;
    message(entry, [&](const Field& field) {
      if (field.number == tag::domain) domain = reader_.text(field);
      if (field.number == tag::version) version = static_cast<std::int64_t>(field.value);
    });
    if (domain.empty() || domain == "ai.onnx") facts_.opset = version;
  }

  void function(const Field& entry) {
    std::vector<Node> body;
    message(entry, [&](const Field& field) {
      if (field.number == tag::function_name) functions_.insert(reader_.text(field));
      if (field.number == tag::function_node) body.push_back(node(field, 1));
    });
    for (const Node& step : body) {
      if (!step.random.empty()) random_function_ = step.random;
    }
  }

  void graph(const Field& entry, unsigned depth, std::vector<Node>& nodes, std::vector<std::string>* outputs) {
    if (depth > max_depth) reader_.fail("its graphs are nested more than " + std::to_string(max_depth) + " deep");
    message(entry, [&](const Field& field) {
      if (field.number == tag::graph_node) nodes.push_back(node(field, depth));
      if (field.number == tag::initializer) weights(field, depth);
      if (field.number == tag::sparse) sparse(field);
      if (field.number == tag::output && outputs != nullptr) outputs->push_back(value_name(field));
    });
  }

  Node node(const Field& entry, unsigned depth) {
    Node made;
    reader_.charge(sizeof(Node));
    message(entry, [&](const Field& field) {
      if (field.number == tag::node_input) made.inputs.push_back(reader_.text(field));
      if (field.number == tag::node_output) made.outputs.push_back(reader_.text(field));
      if (field.number == tag::op_type) made.op = reader_.text(field);
      if (field.number == tag::node_domain) made.domain = reader_.text(field);
      if (field.number == tag::attribute) attribute(field, depth, made);
    });
    if (std::find(random_ops.begin(), random_ops.end(), made.op) != random_ops.end()) made.random = made.op;
    return made;
  }

  /// Branches and loop bodies count as part of their node: they see names from outside.
  void attribute(const Field& entry, unsigned depth, Node& owner) {
    std::string name;
    message(entry, [&](const Field& field) {
      if (field.number == tag::attribute_name) name = reader_.text(field);
      if (field.number == tag::one_integer) owner.integers[name] = {static_cast<std::int64_t>(field.value)};
      if (field.number == tag::one_text && field.end - field.begin <= most_text)
        owner.texts[name] = reader_.text(field);
      if (field.number == tag::integers) integers(field, owner.integers[name]);
      if (field.number == tag::one_tensor) owner.value = tensor(field);
      if (field.number == tag::tensors) (void)tensor(field);
      if (field.number != tag::one_graph && field.number != tag::graphs) return;
      std::vector<Node> inner;
      graph(field, depth + 1, inner, nullptr);
      for (Node& step : inner) {
        if (!step.random.empty()) owner.random = step.random;
        owner.inputs.insert(owner.inputs.end(), std::make_move_iterator(step.inputs.begin()),
                            std::make_move_iterator(step.inputs.end()));
      }
    });
  }

  /// Lists of numbers are packed into one field or given one by one.
  void integers(const Field& field, std::vector<std::int64_t>& out) {
    reader_.charge(sizeof(std::int64_t));
    const auto add = [&](std::uint64_t value) {
      if (out.size() < most_integers) out.push_back(static_cast<std::int64_t>(value));
    };
    if (field.wire == protobuf::varint) return add(field.value);
    if (field.end - field.begin <= most_integers * 10) reader_.varints(field, add);
  }

  void weights(const Field& entry, unsigned depth) {
    std::string name;
    message(entry, [&](const Field& field) {
      if (field.number == tag::tensor_name) name = reader_.text(field);
    });
    GraphTensor made = tensor(entry);
    if (depth == 0) facts_.weights.insert_or_assign(std::move(name), std::move(made));
  }

  GraphTensor tensor(const Field& entry) {
    GraphTensor made;
    std::uint64_t type = 0;
    std::string raw;
    std::vector<std::int64_t> whole;
    message(entry, [&](const Field& field) {
      const bool few = field.wire == protobuf::bytes && field.end - field.begin <= most_values * sizeof(std::int64_t);
      if (field.number == tag::extents) integers(field, made.extents);
      if (field.number == tag::data_type) type = field.value;
      if (field.number == tag::int64_data) integers(field, whole);
      if ((field.number == tag::raw_data || field.number == tag::float_data) && few) raw = reader_.text(field);
      if (field.number == tag::external_data) external(field);
    });
    facts_.half = facts_.half || type == type_float16;
    if (type == type_float || (type == type_int64 && whole.empty())) made.values = numbers(type, raw);
    if (type == type_int64) made.values.insert(made.values.end(), whole.begin(), whole.end());
    return made;
  }

  void sparse(const Field& entry) {
    message(entry, [&](const Field& field) {
      if (field.number == tag::values || field.number == tag::indices) (void)tensor(field);
    });
  }

  void external(const Field& entry) {
    std::string key, value;
    message(entry, [&](const Field& field) {
      if (field.number == tag::key) key = reader_.text(field);
      if (field.number == tag::value) value = reader_.text(field);
    });
    if (key == "location") external_.insert(value);
  }

  std::string value_name(const Field& entry) {
    std::string name;
    message(entry, [&](const Field& field) {
      if (field.number == tag::value_name) name = reader_.text(field);
    });
    return name;
  }

  template <typename Handle>
  void message(const Field& entry, Handle&& handle) {
    if (entry.wire != protobuf::bytes)
      reader_.fail("this is no ONNX file, or it is damaged. Fetch or export it again.");
    reader_.fields(entry.begin, entry.end, std::forward<Handle>(handle));
  }

  /// Walks from each output back to what it is made of.
  void find_random() {
    if (facts_.outputs.size() > max_outputs)
      reader_.fail("it has more than " + std::to_string(max_outputs) + " outputs");
    std::unordered_map<std::string, const Node*> producer;
    for (const Node& node : facts_.nodes) {
      for (const std::string& output : node.outputs) producer[output] = &node;
    }
    for (const std::string& output : facts_.outputs) {
      std::set<const Node*> seen;
      std::vector<std::string> open{output};
      while (!open.empty()) {
        const auto found = producer.find(open.back());
        open.pop_back();
        if (found == producer.end() || !seen.insert(found->second).second) continue;
        const Node& node = *found->second;
        if (const std::string op = draws(node); !op.empty()) facts_.random[output] = op;
        open.insert(open.end(), node.inputs.begin(), node.inputs.end());
      }
    }
  }

  [[nodiscard]] std::string draws(const Node& node) const {
    if (!node.random.empty()) return node.random;
    return functions_.contains(node.op) ? random_function_ : std::string();
  }

  Reader& reader_;
  GraphFacts facts_;
  std::set<std::string> external_, functions_;
  std::string random_function_;
};

}  // namespace

std::string GraphFacts::preferred_output() const {
  for (const char* name : {"latent_parameters", "parameters", "moments"}) {
    if (std::find(outputs.begin(), outputs.end(), name) != outputs.end()) return name;
  }
  const auto steady =
      std::find_if(outputs.begin(), outputs.end(), [&](const std::string& name) { return !random.contains(name); });
  if (steady != outputs.end()) return *steady;
  return outputs.empty() ? std::string() : outputs.front();
}

GraphFacts scan_graph(std::istream& in, std::uint64_t size, const std::string& name) {
  Reader reader(in, size, name);
  return Scanner(reader).scan();
}

GraphFacts scan_graph(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) throw Error(ErrorCode::io, "cannot read " + file.string());
  return scan_graph(in, size, file.string());
}

}  // namespace vaerans::onnx
