// The environment: one for the process, silent, with one CPU memory pool that all sessions share.
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "onnx/library.hpp"
#include "onnx/ort.hpp"
#include "onnx/session.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/runtime.hpp"

namespace vaerans {
namespace onnx {
namespace {

/// The library never prints: what matters reaches the caller as an exception.
void ORT_API_CALL discard(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

/// Memory for activations. Growing by what is asked for instead of by powers of two keeps the pool near the largest
/// batch that was run, and sharing it means that an encoder and a decoder do not hold one each.
void share_cpu_memory(Ort::Env& env) {
  const Ort::ArenaCfg config(0, 1 /* kSameAsRequested */, -1, -1);
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  env.CreateAndRegisterAllocator(memory, config);
}

struct Runtime {
  RuntimeInfo info;
  Ort::Env env{nullptr};
};

Runtime* open() {
  const Library library = open_library(runtime_candidates());
  Ort::InitApi(static_cast<const OrtApi*>(library.api));
  try {
    auto* runtime = new Runtime;  // deliberately never deleted, see ort.hpp
    runtime->env = Ort::Env(ORT_LOGGING_LEVEL_FATAL, "vaerans", &discard, nullptr);
    runtime->env.DisableTelemetryEvents();
    share_cpu_memory(runtime->env);
    runtime->info = {library.path, library.version, Ort::GetAvailableProviders()};
    return runtime;
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::inference, "ONNX Runtime at " + library.path + " does not start: " + error.what());
  }
}

Runtime& runtime() {
  static std::mutex mutex;
  static Runtime* instance = nullptr;
  const std::scoped_lock lock(mutex);
  if (instance == nullptr) instance = open();
  return *instance;
}

}  // namespace

Ort::Env& environment() { return runtime().env; }

bool has_provider(std::string_view name) {
  const auto& providers = runtime().info.providers;
  return std::find(providers.begin(), providers.end(), name) != providers.end();
}

}  // namespace onnx

RuntimeInfo runtime_info() { return onnx::runtime().info; }

}  // namespace vaerans
