#include "onnx/providers.hpp"

#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <memory>

#include "vaerans/base/error.hpp"
#include "vaerans/runtime.hpp"

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

std::vector<Provider> from_list(const std::string& list) {
  std::vector<Provider> providers = parse_providers(list);
  for (const Provider& provider : providers) require_provider(provider.name, "providers='" + list + "'");
  return providers;
}

[[noreturn]] void unknown_device(const std::string& device) {
  throw Error(ErrorCode::invalid_argument, "device '" + device +
                                               "' is not one of auto, cpu, cuda, cuda:0, cuda:1 …, nor a list of "
                                               "execution providers");
}

constexpr std::string_view numbered = "cuda:";

/// "cuda" or "cuda:1".
bool is_cuda_device(std::string_view device) {
  if (!device.starts_with(numbered)) return device == "cuda";
  const std::string_view number = device.substr(numbered.size());
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_list(const std::string& device) { return device.find("ExecutionProvider") != std::string::npos; }

std::vector<Provider> from_cuda_device(const std::string& device) {
  Provider provider{cuda};
  if (device != "cuda") provider.options.emplace_back("device_id", device.substr(numbered.size()));
  require_provider(cuda, "device '" + device + "'");
  return {provider, {cpu}};
}

/// The defaults, unless the caller says otherwise. TF32 is switched off because it rounds products to 10 bits: pictures
/// would differ visibly from the CPU's. cuDNN's own choice of an algorithm may be Winograd's, which sums other products
/// than the network's: exact decoders gave other pixels with it (training/LOG.md). Its default one sums theirs.
std::vector<std::pair<std::string, std::string>> cuda_options(const Provider& provider) {
  std::vector<std::pair<std::string, std::string>> options{
      {"arena_extend_strategy", "kSameAsRequested"}, {"use_tf32", "0"}, {"cudnn_conv_algo_search", "DEFAULT"}};
  for (const auto& given : provider.options) {
    std::erase_if(options, [&](const auto& option) { return option.first == given.first; });
    options.push_back(given);
  }
  return options;
}

void append_cuda(Ort::SessionOptions& options, const Provider& provider) {
  const OrtApi& api = Ort::GetApi();
  OrtCUDAProviderOptionsV2* made = nullptr;
  Ort::ThrowOnError(api.CreateCUDAProviderOptions(&made));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, decltype(api.ReleaseCUDAProviderOptions)> cuda(
      made, api.ReleaseCUDAProviderOptions);
  std::vector<const char*> keys, values;
  const auto given = cuda_options(provider);
  for (const auto& [key, value] : given) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  Ort::ThrowOnError(api.UpdateCUDAProviderOptions(cuda.get(), keys.data(), values.data(), keys.size()));
  Ort::ThrowOnError(api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda.get()));
}

/// The CPU's is always there and always last.
void append_cpu(const Provider& provider) {
  if (provider.options.empty()) return;
  throw Error(ErrorCode::invalid_argument, provider.name + " has no options, so '" + provider.options[0].first +
                                               "' cannot be set; threads come from the context");
}

void append_other(Ort::SessionOptions& options, const Provider& provider) {
  static constexpr std::string_view suffix = "ExecutionProvider";
  const std::string& name = provider.name;
  options.AppendExecutionProvider(name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name,
                                  {provider.options.begin(), provider.options.end()});
}

void append(Ort::SessionOptions& options, const Provider& provider) try {
  if (provider.name == cpu) return append_cpu(provider);
  if (provider.name == cuda) return append_cuda(options, provider);
  append_other(options, provider);
} catch (const Ort::Exception& error) {
  if (provider.options.empty() || error.GetOrtErrorCode() != ORT_INVALID_ARGUMENT) throw;
  throw Error(ErrorCode::invalid_argument, provider.name + " does not take these options: " + error.what());
}

}  // namespace

bool cpu_alone(const std::vector<Provider>& providers) noexcept {
  return providers.size() == 1 && providers[0].name == cpu;
}

std::vector<Provider> choose_providers(const Execution& execution) {
  const std::string& device = execution.device;
  if (!execution.providers.empty()) return from_list(execution.providers);
  if (device == "cpu") return {{cpu}};
  require_device(device);
  if (is_cuda_device(device)) return from_cuda_device(device);
  if (is_list(device)) return from_list(device);
  if (has_provider(cuda)) return {{cuda}, {cpu}};
  return {{cpu}};
}

Ort::SessionOptions session_options(const std::vector<Provider>& providers, unsigned threads) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(static_cast<int>(threads));
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  // Sizes of pictures vary: plans of memory would be kept for each of them.
  options.DisableMemPattern();
  options.AddConfigEntry(kOrtSessionOptionsConfigUseEnvAllocators, "1");
  // The runtime's threads sleep where they wait: spinning costs other threads (those of the transforms and the coder,
  // and other sessions) half of their time on a busy machine, and gains a run nothing that can be measured
  // (docs/models.md).
  options.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  for (const Provider& provider : providers) append(options, provider);
  return options;
}

}  // namespace vaerans::onnx

void vaerans::require_device(const std::string& device) {
  if (device == "auto" || device == "cpu" || onnx::is_cuda_device(device)) return;
  if (!onnx::is_list(device)) onnx::unknown_device(device);
  (void)onnx::parse_providers(device);
}
