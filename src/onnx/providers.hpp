// Execution providers: which to use, and how each is set up. Included by src/onnx/*.cpp only.
//
// A list of providers is written as "CUDAExecutionProvider(device_id=1,use_tf32=1),CPUExecutionProvider": names of ONNX
// Runtime in the order of preference, each with options of its own. Spaces are ignored.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/ort.hpp"
#include "onnx/session.hpp"

namespace vaerans::onnx {

struct Provider {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options = {};
};

/// Throws Error(invalid_argument), which says what is wrong with the list and where.
[[nodiscard]] std::vector<Provider> parse_providers(std::string_view list);

/// The providers to try in order, the CPU's last. Device: "auto", "cpu", "cuda", "cuda:1", or a list of providers.
/// Throws Error(invalid_argument) for an unknown device or a malformed list and Error(runtime_not_found) for a provider
/// that this runtime does not have.
[[nodiscard]] std::vector<Provider> choose_providers(const Execution& execution);

[[nodiscard]] bool cpu_alone(const std::vector<Provider>& providers) noexcept;

/// Options of a session on these providers. Throws Ort::Exception where a provider cannot start on this machine, and
/// Error(invalid_argument) for options that it does not know.
[[nodiscard]] Ort::SessionOptions session_options(const std::vector<Provider>& providers, unsigned threads);

}  // namespace vaerans::onnx
