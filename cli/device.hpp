// The option of commands that run models: where they run.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace vaerans::cli {

/// "cuda" or "cuda:1".
inline bool is_cuda_device(std::string_view text) {
  constexpr std::string_view numbered = "cuda:";
  if (!text.starts_with(numbered)) return text == "cuda";
  const std::string_view number = text.substr(numbered.size());
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Says what is wrong with a device's name, or nothing. Whether the device exists turns out when it is used.
inline std::string check_device(const std::string& text) {
  const bool known =
      text == "auto" || text == "cpu" || is_cuda_device(text) || text.find("ExecutionProvider") != std::string::npos;
  return known ? "" : text + " not in {auto,cpu,cuda,cuda:N}, and no list of execution providers";
}

inline void add_device(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "Where models run: auto, cpu, cuda, cuda:1, or ONNX Runtime's providers")
      ->check(check_device);
}

}  // namespace vaerans::cli
