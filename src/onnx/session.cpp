// Sessions: how graphs are loaded and kept. session/run.cpp runs them.
#include "onnx/session.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "onnx/graph/file.hpp"
#include "onnx/graph/scan.hpp"
#include "onnx/graph_cache.hpp"
#include "onnx/machine.hpp"
#include "onnx/ort.hpp"
#include "onnx/providers.hpp"
#include "onnx/session/impl.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/runtime.hpp"

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
  const auto element = info.GetElementType();
  if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT && element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16) {
    invalid(path, "'" + name + "' is " + element_name(element) +
                      "; this version runs graphs with float32 or float16 inputs and outputs: export it in float32");
  }
  GraphPort result{{name, info.GetShape()}, element == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16};
  if (result.extents.size() != 4)
    invalid(path, "'" + result.str() + "' has not 4 axes (batch, channels, height, width)");
  return result;
}

/// What ONNX Runtime says about files that it does not load, in terms of what can be done.
[[noreturn]] void explain(const std::string& path, const GraphFacts& facts, const std::string& problem) {
  const std::string version = "ONNX Runtime " + runtime_info().version;
  const auto says = [&](const char* part) { return problem.find(part) != std::string::npos; };
  if (says("till opset") || says("IR version") || says("ir_version")) {
    invalid(path, "the graph is too new for " + version + ": it uses opset " + std::to_string(facts.opset) +
                      " and file format " + std::to_string(facts.ir_version) +
                      ". Export it with opset 17, or install a newer ONNX Runtime. (" + problem + ")");
  }
  invalid(path, version + " cannot load it: " + problem);
}

void refuse_random(const std::string& path, const GraphFacts& facts, const std::string& output) {
  const auto found = facts.random.find(output);
  if (found == facts.random.end()) return;
  invalid(path, "its output '" + output + "' depends on random numbers that the graph draws itself (" + found->second +
                    "), so that no result could be repeated. Export the encoder again with the mean or the parameters "
                    "of the posterior as output: `python -m vaerans_ecs.models export`, or optimum 1.17 or newer.");
}

/// All that decides what the optimised graph is: see graph_cache.hpp.
std::string optimized_key(const GraphFile& graph) {
  std::string key = graph.sha256 + "\n" + runtime_info().version + "\n" + processor_features() + "\nlevel all, CPU\n";
  for (const ExternalFile& file : graph.external) key += file.location + " " + file.sha256 + "\n";
  return key;
}

bool may_be_cached(const GraphFile& graph) {
  std::error_code error;
  std::uint64_t bytes = std::filesystem::file_size(graph.path, error);
  for (const ExternalFile& file : graph.external)
    bytes += std::filesystem::file_size(external_path(graph, file), error);
  return !error && bytes <= graph_cache_file_bytes && !processor_features().empty();
}

/// Whether the files still have the contents that they were hashed with: the cache must not keep others under this key.
bool unchanged(const GraphFile& graph) {
  return file_sha256(graph.path) == graph.sha256 && std::ranges::all_of(graph.external, [&](const ExternalFile& file) {
           return file_sha256(external_path(graph, file)) == file.sha256;
         });
}

/// The session of a graph that was optimised before; nothing where there is none, or a bad one.
Ort::Session load_optimized(Ort::Env& env, const CachedGraph& cached, const Ort::SessionOptions& options) {
  const std::string file = cached.find();
  if (file.empty()) return Ort::Session(nullptr);
  try {
    Ort::SessionOptions as_it_is = options.Clone();
    as_it_is.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
    return {env, file.c_str(), as_it_is};
  } catch (const Ort::Exception&) {
    cached.drop();
    return Ort::Session(nullptr);
  }
}

/// Loads the graph and keeps what the runtime made of it. A disk that is full is no reason to fail.
Ort::Session load_and_keep(Ort::Env& env, const GraphFile& graph, CachedGraph& cached,
                           const Ort::SessionOptions& options) {
  const std::string draft = cached.draft();
  if (!draft.empty()) {
    try {
      Ort::SessionOptions writing = options.Clone();
      writing.SetOptimizedModelFilePath(draft.c_str());
      Ort::Session session(env, graph.path.c_str(), writing);
      if (unchanged(graph)) cached.keep();
      return session;
    } catch (const Ort::Exception&) {
      // Once more without writing: either it works, or the error is about the graph.
    }
  }
  return {env, graph.path.c_str(), options};
}

Ort::Session load_with_cache(Ort::Env& env, const GraphFile& graph, const Ort::SessionOptions& options) {
  const std::filesystem::path folder = graph_cache_folder();
  if (folder.empty() || !may_be_cached(graph)) return {env, graph.path.c_str(), options};
  CachedGraph cached(folder, optimized_key(graph));
  Ort::Session session = load_optimized(env, cached, options);
  return session ? std::move(session) : load_and_keep(env, graph, cached, options);
}

/// Throws Ort::Exception.
Ort::Session session_of(const GraphFile& graph, const std::vector<Provider>& providers, unsigned threads) {
  const Ort::SessionOptions options = session_options(providers, threads);
  if (cpu_alone(providers)) return load_with_cache(environment(), graph, options);
  return {environment(), graph.path.c_str(), options};
}

std::string cache_key(const GraphFile& graph, const Execution& execution) {
  std::string key;
  for (const std::string& part :
       {graph.sha256, graph.path, graph.input, graph.output, execution.device, execution.providers,
        std::to_string(thread_count(execution.threads)), std::string(execution.cpu_as_device ? "as device" : "")}) {
    key += part + "\n";
  }
  for (const ExternalFile& file : graph.external) key += file.location + " " + file.sha256 + "\n";
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

Session::~Session() = default;

Session::Session(const GraphFile& graph, const Execution& execution)
    : impl_(std::make_unique<Impl>()), path_(graph.path), alive_(graph.receptive_field.alive()) {
  const GraphFacts facts = scan_graph(std::filesystem::path(graph.path));
  try {
    start(graph, execution);
    const std::string output = graph.output.empty() ? facts.preferred_output() : graph.output;
    input_ = checked_port(pick(ports_of(impl_->session, true), graph.input, path_, "input"), path_);
    output_ = checked_port(pick(ports_of(impl_->session, false), output, path_, "output"), path_);
  } catch (const Ort::Exception& error) {
    explain(path_, facts, error.what());
  }
  refuse_random(path_, facts, output_.name);
}

/// Where the providers fail and the CPU does not, they are at fault and not the graph. A GPU that is missing may show
/// when a provider is set up or only when it gets the graph.
void Session::start(const GraphFile& graph, const Execution& execution) {
  const std::vector<Provider> providers = choose_providers(execution);
  const unsigned threads = thread_count(execution.threads);
  try {
    impl_->session = session_of(graph, providers, threads);
    impl_->providers = providers;
    impl_->device = execution.cpu_as_device ? DeviceMemory{"Cpu", "Cpu", 0} : DeviceMemory::of(providers);
    on_cpu_ = cpu_alone(providers);
  } catch (const Ort::Exception& error) {
    if (cpu_alone(providers)) throw;
    impl_->session = session_of(graph, parse_providers("CPUExecutionProvider"), threads);
    const std::string text = providers.front().name + " cannot be used on this machine: " + error.what();
    if (!execution.providers.empty() || execution.device != "auto")
      throw Error(ErrorCode::runtime_not_found, text + "\nUse device 'cpu', or install what it needs.");
    note_ = text + "; ran on the CPU";
    on_cpu_ = true;
  }
}

std::unique_ptr<const Session> Session::load(const GraphFile& graph, const Execution& execution) {
  (void)environment();  // without the library no object of Ort:: may exist: even an empty one calls it when it ends
  return std::unique_ptr<const Session>(new Session(graph, execution));
}

std::shared_ptr<const Session> Session::open(const GraphFile& graph, const Execution& execution) {
  const std::shared_ptr<Slot> slot = slot_of(cache_key(graph, execution));
  const std::scoped_lock loading(slot->mutex);
  if (!slot->session) slot->session = load(graph, execution);
  return slot->session;
}

}  // namespace vaerans::onnx
