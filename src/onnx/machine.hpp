// What tells this machine's processor from others, as far as optimised graphs are concerned.
#pragma once

#include <string>

namespace vaerans::onnx {

/// Architecture and instruction sets as the processor (or an emulator of one) reports them to this process; empty where
/// this code cannot tell: then nothing that depends on it may be kept.
[[nodiscard]] std::string processor_features();

}  // namespace vaerans::onnx
