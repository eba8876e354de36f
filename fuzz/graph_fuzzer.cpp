// Any bytes as an ONNX file that is looked through before ONNX Runtime sees it.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "onnx/graph/scan.hpp"
#include "vaerans/base/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)vaerans::onnx::scan_graph(in, size, "fuzz");
  } catch (const vaerans::Error&) {
  }
  return 0;
}
