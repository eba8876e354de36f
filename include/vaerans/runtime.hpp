// The ONNX Runtime library: where it is looked for, and which one is in use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vaerans {

/// Where the ONNX Runtime library was found, its version and its providers. runtime_info() opens it and throws
/// Error(runtime_not_found), which says what was tried.
struct RuntimeInfo {
  std::string library, version;
  std::vector<std::string> providers;
};
[[nodiscard]] RuntimeInfo runtime_info();
/// Uses this library file if none has been loaded yet. Otherwise the order is VAERANS_ORT_LIBRARY, paths added by
/// packages, the system's library.
void set_runtime_library(std::string_view path);
/// A library to try after VAERANS_ORT_LIBRARY (the Python package adds the one inside `onnxruntime`).
void add_runtime_candidate(std::string_view path);

/// Throws Error(invalid_argument) for a text that names no device: "auto", "cpu", "cuda", "cuda:1", or a list of
/// execution providers. Whether this machine has the device turns out where a model runs.
void require_device(const std::string& device);

}  // namespace vaerans
