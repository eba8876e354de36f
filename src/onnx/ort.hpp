// ONNX Runtime's C++ API, its one environment and what they may be used for. Included by src/onnx/*.cpp only.
//
// Nothing links to ONNX Runtime: environment() opens the library and hands its function table to the header-only C++
// wrappers (ORT_API_MANUAL_INIT). No wrapper may be touched before that call.
#pragma once

#ifndef ORT_API_MANUAL_INIT
#define ORT_API_MANUAL_INIT
#endif
#include <onnxruntime_cxx_api.h>

namespace vaerans::onnx {

/// The process's environment; opens the library on the first call and throws Error(runtime_not_found) while there is
/// none (a later call tries again). Lives until the process has gone: nothing of ONNX Runtime is destroyed at exit.
[[nodiscard]] Ort::Env& environment();

}  // namespace vaerans::onnx
