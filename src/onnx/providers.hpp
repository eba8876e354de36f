// Execution providers: which to use, and how each is set up. Included by src/onnx/*.cpp only.
#pragma once

#include <string>
#include <vector>

#include "onnx/ort.hpp"
#include "onnx/session.hpp"

namespace vaerans::onnx {

/// The providers to try in order, by full names, the CPU's last. Throws Error(invalid_argument) for an unknown device
/// and Error(runtime_not_found) for a provider that this runtime does not have.
[[nodiscard]] std::vector<std::string> choose_providers(const Execution& execution);

/// Options of a session on these providers. Throws Ort::Exception where a provider cannot start on this machine.
[[nodiscard]] Ort::SessionOptions session_options(const std::vector<std::string>& providers, unsigned threads);

}  // namespace vaerans::onnx
