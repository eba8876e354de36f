#include "onnx/providers.hpp"

#include <onnxruntime_session_options_config_keys.h>

#include <memory>
#include <sstream>

#include "vaerans/core/error.hpp"
#include "vaerans/models.hpp"

namespace vaerans::onnx {
namespace {

constexpr const char* cpu = "CPUExecutionProvider";
constexpr const char* cuda = "CUDAExecutionProvider";

void require_provider(const std::string& name, const std::string& asked_by) {
  if (has_provider(name)) return;
  const RuntimeInfo info = runtime_info();
  std::string text = asked_by + " needs " + name + ", which ONNX Runtime " + info.version + " at " + info.library +
                     " does not have. It has:";
  for (const std::string& provider : info.providers) text += " " + provider;
  text += name == cuda ? ".\nInstall one that has it (`pip install onnxruntime-gpu`, or VAERANS_ORT_LIBRARY), or use "
                         "device 'cpu'."
                       : ".\nUse one of these, or let VAERANS_ORT_LIBRARY name a library that has it.";
  throw Error(ErrorCode::runtime_not_found, text);
}

std::vector<std::string> parse_list(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    const std::size_t first = name.find_first_not_of(' ');
    if (first == std::string::npos) continue;
    names.push_back(name.substr(first, name.find_last_not_of(' ') - first + 1));
    require_provider(names.back(), "providers='" + list + "'");
  }
  if (names.empty()) throw Error(ErrorCode::invalid_argument, "providers='" + list + "' names no execution provider");
  return names;
}

/// TF32 is switched off because it rounds products to 10 bits: pictures would differ visibly from the CPU's.
void append_cuda(Ort::SessionOptions& options) {
  const OrtApi& api = Ort::GetApi();
  OrtCUDAProviderOptionsV2* made = nullptr;
  Ort::ThrowOnError(api.CreateCUDAProviderOptions(&made));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, decltype(api.ReleaseCUDAProviderOptions)> cuda_options(
      made, api.ReleaseCUDAProviderOptions);
  const char* keys[] = {"arena_extend_strategy", "use_tf32", "cudnn_conv_algo_search"};
  const char* values[] = {"kSameAsRequested", "0", "HEURISTIC"};
  Ort::ThrowOnError(api.UpdateCUDAProviderOptions(cuda_options.get(), keys, values, 3));
  Ort::ThrowOnError(api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda_options.get()));
}

void append(Ort::SessionOptions& options, const std::string& name) {
  static constexpr std::string_view suffix = "ExecutionProvider";
  if (name == cpu) return;  // always there, always last
  if (name == cuda) return append_cuda(options);
  options.AppendExecutionProvider(name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name, {});
}

}  // namespace

std::vector<std::string> choose_providers(const Execution& execution) {
  if (!execution.providers.empty()) return parse_list(execution.providers);
  if (execution.device == "cpu") return {cpu};
  if (execution.device == "cuda") {
    require_provider(cuda, "device 'cuda'");
    return {cuda, cpu};
  }
  if (execution.device != "auto") {
    throw Error(ErrorCode::invalid_argument, "device '" + execution.device + "' is not one of auto, cpu, cuda");
  }
  if (has_provider(cuda)) return {cuda, cpu};
  return {cpu};
}

Ort::SessionOptions session_options(const std::vector<std::string>& providers, unsigned threads) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(static_cast<int>(threads));
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  // Sizes of pictures vary: plans of memory would be kept for each of them.
  options.DisableMemPattern();
  options.AddConfigEntry(kOrtSessionOptionsConfigUseEnvAllocators, "1");
  // The runtime's threads rest when a run is over: the CPU belongs to the transforms and the coder then.
  options.AddConfigEntry(kOrtSessionOptionsConfigForceSpinningStop, "1");
  for (const std::string& name : providers) append(options, name);
  return options;
}

}  // namespace vaerans::onnx
