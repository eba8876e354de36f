// The option of commands that run models: where they run.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "vaerans/base/error.hpp"
#include "vaerans/runtime.hpp"

namespace vaerans::cli {

/// Says what is wrong with a device's name, or nothing. Whether the device exists turns out when it is used.
inline std::string check_device(const std::string& text) try {
  require_device(text);
  return "";
} catch (const Error& error) {
  return error.what();
}

inline void add_device(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "Where models run: auto, cpu, cuda, cuda:1, or ONNX Runtime's providers")
      ->check(check_device);
}

}  // namespace vaerans::cli
