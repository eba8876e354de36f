#include "onnx/session.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "onnx/ort.hpp"
#include "onnx/providers.hpp"
#include "vaerans/core/error.hpp"

namespace vaerans::onnx {
namespace {

[[noreturn]] void invalid(const std::string& path, const std::string& what) {
  throw Error(ErrorCode::model_invalid, path + ": " + what);
}

std::string element_name(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: return "float32";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16: return "float16";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16: return "bfloat16";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE: return "float64";
    default: return "element type " + std::to_string(static_cast<int>(type));
  }
}

/// The graph's inputs or outputs by name, in order.
using Ports = std::vector<std::pair<std::string, Ort::TypeInfo>>;

Ports ports_of(const Ort::Session& session, bool inputs) {
  Ort::AllocatorWithDefaultOptions allocator;
  Ports ports;
  const std::size_t count = inputs ? session.GetInputCount() : session.GetOutputCount();
  for (std::size_t i = 0; i < count; ++i) {
    auto name = inputs ? session.GetInputNameAllocated(i, allocator) : session.GetOutputNameAllocated(i, allocator);
    ports.emplace_back(name.get(), inputs ? session.GetInputTypeInfo(i) : session.GetOutputTypeInfo(i));
  }
  return ports;
}

const Ports::value_type& pick(const Ports& ports, const std::string& wanted, const std::string& path,
                              const std::string& what) {
  if (ports.empty()) invalid(path, "the graph has no " + what);
  if (wanted.empty()) return ports.front();
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const auto& port) { return port.first == wanted; });
  if (found != ports.end()) return *found;
  std::string names;
  for (const auto& port : ports) names += " " + port.first;
  invalid(path, "the graph has no " + what + " '" + wanted + "' as the card says; it has:" + names);
}

GraphPort checked_port(const Ports::value_type& port, const std::string& path) {
  const auto& [name, type] = port;
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) invalid(path, "'" + name + "' is not a tensor");
  const auto info = type.GetTensorTypeAndShapeInfo();
  if (const auto element = info.GetElementType(); element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
    invalid(path, "'" + name + "' is " + element_name(element) +
                      "; this version runs graphs with float32 inputs and "
                      "outputs (weights may be stored as float16): export it in float32");
  }
  GraphPort result{name, info.GetShape()};
  if (result.extents.size() != 4)
    invalid(path, "'" + result.str() + "' has not 4 axes (batch, channels, height, width)");
  return result;
}

Ort::Value tensor_over(const Shape& shape, std::span<const float> values) {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::vector<std::int64_t> extents;
  for (const std::uint64_t extent : shape.dims()) extents.push_back(static_cast<std::int64_t>(extent));
  // The API has one type for inputs and outputs, so it takes no const; inputs are not written to.
  return Ort::Value::CreateTensor<float>(memory, const_cast<float*>(values.data()), values.size(), extents.data(),
                                         extents.size());
}

unsigned thread_count(const Execution& execution) {
  return execution.threads != 0 ? execution.threads : std::max(1U, std::thread::hardware_concurrency());
}

std::string cache_key(const GraphFile& graph, const Execution& execution) {
  std::string key;
  for (const std::string& part : {graph.sha256, graph.path, graph.input, graph.output, execution.device,
                                  execution.providers, std::to_string(thread_count(execution))}) {
    key += part + "\n";
  }
  return key;
}

/// A place of the cache. One thread loads while others of the same graph wait; those of other graphs do not.
struct Slot {
  std::mutex mutex;
  std::shared_ptr<const Session> session;
};

std::shared_ptr<Slot> slot_of(const std::string& key) {
  static std::mutex mutex;
  static auto& slots = *new std::map<std::string, std::shared_ptr<Slot>>;  // never destroyed, see ort.hpp
  const std::scoped_lock lock(mutex);
  auto& slot = slots[key];
  if (!slot) slot = std::make_shared<Slot>();
  return slot;
}

}  // namespace

bool GraphPort::accepts(const Shape& shape) const {
  if (shape.rank() != extents.size()) return false;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] >= 0 && static_cast<std::uint64_t>(extents[axis]) != shape[axis]) return false;
  }
  return true;
}

std::string GraphPort::str() const {
  std::string text = name + " (";
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    text += (axis == 0 ? "" : ", ") + (extents[axis] < 0 ? "?" : std::to_string(extents[axis]));
  }
  return text + ")";
}

struct Session::Impl {
  Ort::Session session{nullptr};
};

Session::~Session() = default;

Session::Session(const GraphFile& graph, const std::vector<std::string>& providers, unsigned threads,
                 bool may_fall_back)
    : impl_(std::make_unique<Impl>()), path_(graph.path) {
  Ort::Env& env = environment();
  std::optional<Ort::SessionOptions> options;
  try {
    options = session_options(providers, threads);
  } catch (const Ort::Exception& error) {
    const std::string text = providers.front() + " cannot be used on this machine: " + error.what();
    if (!may_fall_back)
      throw Error(ErrorCode::runtime_not_found, text + "\nUse device 'cpu', or install what it needs.");
    note_ = text + "; ran on the CPU";
    options = session_options({}, threads);
  }
  try {
    impl_->session = Ort::Session(env, graph.path.c_str(), *options);
    input_ = checked_port(pick(ports_of(impl_->session, true), graph.input, path_, "input"), path_);
    output_ = checked_port(pick(ports_of(impl_->session, false), graph.output, path_, "output"), path_);
  } catch (const Ort::Exception& error) {
    invalid(path_, std::string("ONNX Runtime cannot load it: ") + error.what());
  }
}

std::unique_ptr<const Session> Session::load(const GraphFile& graph, const Execution& execution) {
  const bool may_fall_back = execution.providers.empty() && execution.device == "auto";
  return std::unique_ptr<const Session>(
      new Session(graph, choose_providers(execution), thread_count(execution), may_fall_back));
}

std::shared_ptr<const Session> Session::open(const GraphFile& graph, const Execution& execution) {
  const std::shared_ptr<Slot> slot = slot_of(cache_key(graph, execution));
  const std::scoped_lock loading(slot->mutex);
  if (!slot->session) slot->session = load(graph, execution);
  return slot->session;
}

void Session::check_shapes(const Shape& in_shape, const Shape& out_shape) const {
  if (!input_.accepts(in_shape)) {
    invalid(path_, "the graph's input is " + input_.str() + ", which does not take " + in_shape.str());
  }
  if (!output_.accepts(out_shape)) {
    invalid(path_, "the graph's output is " + output_.str() + ", but " + out_shape.str() + " is expected of it");
  }
}

void Session::run(const Shape& in_shape, std::span<const float> in, const Shape& out_shape,
                  std::span<float> out) const {
  if (in_shape.elements() != in.size() || out_shape.elements() != out.size()) {
    throw Error(ErrorCode::internal, "Session::run: spans do not have the size of their shapes");
  }
  check_shapes(in_shape, out_shape);
  try {
    Ort::IoBinding binding(impl_->session);
    binding.BindInput(input_.name.c_str(), tensor_over(in_shape, in));
    // With a bound output of a given shape, ONNX Runtime refuses to write a result of any other shape.
    binding.BindOutput(output_.name.c_str(), tensor_over(out_shape, out));
    impl_->session.Run(Ort::RunOptions{nullptr}, binding);
    binding.SynchronizeOutputs();
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::inference,
                path_ + ": running " + in_shape.str() + " → " + out_shape.str() + " failed: " + error.what());
  }
}

Shape Session::probe(const Shape& in_shape) const {
  const std::vector<float> zeros(in_shape.elements());
  try {
    Ort::IoBinding binding(impl_->session);
    binding.BindInput(input_.name.c_str(), tensor_over(in_shape, zeros));
    binding.BindOutput(output_.name.c_str(), Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault));
    impl_->session.Run(Ort::RunOptions{nullptr}, binding);
    const auto made = binding.GetOutputValues().at(0).GetTensorTypeAndShapeInfo().GetShape();
    const std::vector<std::uint64_t> extents(made.begin(), made.end());
    return Shape(std::span(extents));
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::inference, path_ + ": running it on " + in_shape.str() + " failed: " + error.what());
  }
}

}  // namespace vaerans::onnx
