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

}  // namespace vaerans
