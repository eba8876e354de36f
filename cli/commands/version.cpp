// vaerans --version
#include "vaerans/version.hpp"

#include "commands/commands.hpp"
#include "vaerans/models.hpp"

namespace vaerans::cli {

std::string version_text() {
  std::string text = std::string("vaerans ") + version_string + "\n";
  try {
    const RuntimeInfo runtime = runtime_info();
    text += "ONNX Runtime " + runtime.version + " (" + runtime.library + ")";
    for (std::size_t i = 0; i < runtime.providers.size(); ++i)
      text += (i == 0 ? "\nproviders: " : ", ") + runtime.providers[i];
  } catch (const Error&) {
    text += "ONNX Runtime: not found";
  }
  return text;
}

}  // namespace vaerans::cli
