#include "onnx/graph_scan.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "vaerans/core/error.hpp"

namespace vaerans::onnx {
namespace {

constexpr std::uint64_t max_name = 64U << 10;  // bytes of one name
constexpr std::uint64_t max_kept = 64U << 20;  // bytes of nodes and names
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
enum Node : std::uint64_t { node_input = 1, node_output = 2, op_type = 4, attribute = 5 };
enum Attribute : std::uint64_t { one_tensor = 5, one_graph = 6, tensors = 10, graphs = 11 };
enum Tensor : std::uint64_t { data_type = 2, external_data = 13 };
enum Sparse : std::uint64_t { values = 1, indices = 2 };
enum Entry : std::uint64_t { key = 1, value = 2 };
enum Value : std::uint64_t { value_name = 1 };
}  // namespace tag
constexpr std::uint64_t type_float16 = 10;

enum Wire : unsigned { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  unsigned wire = 0;
  std::uint64_t value = 0;  ///< of a varint
  std::uint64_t begin = 0, end = 0;
};

/// Protobuf's fields, in a stream whose size is known. Nothing is read past the end of the enclosing message.
class Reader {
 public:
  Reader(std::istream& in, std::uint64_t size, std::string name) : in_(in), size_(size), name_(std::move(name)) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorCode::model_invalid, name_ + ": " + what); }

  /// Calls handle(field) for each field in [begin, end); what it does not read is stepped over.
  template <typename Handle>
  void fields(std::uint64_t begin, std::uint64_t end, Handle&& handle) {
    for (std::uint64_t at = begin; at < end;) {
      seek(at);
      const Field field = header(end);
      handle(field);
      at = field.end;
    }
  }

  /// Counts memory that is kept: a file of a few bytes per empty name would otherwise take many times its size.
  void charge(std::uint64_t size) {
    kept_ += size;
    if (kept_ > max_kept) fail("it has more nodes and names than a graph of pictures needs");
  }

  std::string text(const Field& field) {
    const std::uint64_t length = field.end - field.begin;
    charge(length + sizeof(std::string));
    if (field.wire != bytes || length > max_name) {
      fail("its names are longer than a graph needs: it is damaged or no ONNX graph");
    }
    seek(field.begin);
    std::string out(length, '\0');
    if (in_.rdbuf()->sgetn(out.data(), static_cast<std::streamsize>(length)) != static_cast<std::streamsize>(length)) {
      truncated();
    }
    at_ += length;
    return out;
  }

 private:
  [[noreturn]] void truncated() const {
    fail("the file is cut short or damaged: it says that it goes on after its " + std::to_string(size_) +
         " bytes. Fetch or export it again.");
  }
  [[noreturn]] void garbled() const { fail("this is no ONNX file, or it is damaged. Fetch or export it again."); }

  void seek(std::uint64_t at) {
    if (at == at_) return;
    if (in_.rdbuf()->pubseekpos(static_cast<std::streamoff>(at), std::ios::in) == std::streampos(-1)) truncated();
    at_ = at;
  }

  std::uint64_t number(std::uint64_t end) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= end) truncated();
      const int byte = in_.rdbuf()->sbumpc();
      if (byte == std::char_traits<char>::eof()) truncated();
      ++at_;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    garbled();
  }

  Field header(std::uint64_t end) {
    const std::uint64_t key = number(end);
    Field field{key >> 3, static_cast<unsigned>(key & 7), 0, 0, 0};
    std::uint64_t length = 0;
    switch (field.wire) {
      case varint: field.value = number(end); break;
      case fixed64: length = 8; break;
      case fixed32: length = 4; break;
      case bytes: length = number(end); break;
      default: garbled();
    }
    if (field.number == 0) garbled();
    if (length > end - at_) truncated();
    field.begin = at_;
    field.end = at_ + length;
    return field;
  }

  std::istream& in_;
  std::uint64_t size_, at_ = 0, kept_ = 0;
  std::string name_;
};

struct Node {
  std::string op, random;  ///< random: the operator that draws, of this node or inside it
  std::vector<std::string> inputs, outputs;
};

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
      graph(field, 0, nodes_, &facts_.outputs);
    });
    if (!has_graph || nodes_.empty()) reader_.fail("this is no ONNX file: it holds no graph");
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
      if (field.number == tag::initializer) tensor(field);
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
      if (field.number == tag::attribute) attribute(field, depth, made);
    });
    if (std::find(random_ops.begin(), random_ops.end(), made.op) != random_ops.end()) made.random = made.op;
    return made;
  }

  /// Branches and loop bodies count as part of their node: they see names from outside.
  void attribute(const Field& entry, unsigned depth, Node& owner) {
    message(entry, [&](const Field& field) {
      if (field.number == tag::one_tensor || field.number == tag::tensors) tensor(field);
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

  void tensor(const Field& entry) {
    message(entry, [&](const Field& field) {
      if (field.number == tag::data_type && field.value == type_float16) facts_.half = true;
      if (field.number == tag::external_data) external(field);
    });
  }

  void sparse(const Field& entry) {
    message(entry, [&](const Field& field) {
      if (field.number == tag::values || field.number == tag::indices) tensor(field);
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
    if (entry.wire != bytes) reader_.fail("this is no ONNX file, or it is damaged. Fetch or export it again.");
    reader_.fields(entry.begin, entry.end, std::forward<Handle>(handle));
  }

  /// Walks from each output back to what it is made of.
  void find_random() {
    if (facts_.outputs.size() > max_outputs)
      reader_.fail("it has more than " + std::to_string(max_outputs) + " outputs");
    std::unordered_map<std::string, const Node*> made_by;
    for (const Node& node : nodes_) {
      for (const std::string& output : node.outputs) made_by[output] = &node;
    }
    for (const std::string& output : facts_.outputs) {
      std::set<const Node*> seen;
      std::vector<std::string> open{output};
      while (!open.empty()) {
        const auto found = made_by.find(open.back());
        open.pop_back();
        if (found == made_by.end() || !seen.insert(found->second).second) continue;
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
  std::vector<Node> nodes_;
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
