// Any text as a recipe. What can be parsed is written as a text that gives the same chain again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "vaerans/core/pipeline.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Pipeline chain;
  try {
    chain = Pipeline::parse(text);
  } catch (const Error&) {
    return 0;
  }
  const std::string written = chain.recipe();
  if (Pipeline::parse(written).recipe() != written) {
    std::fprintf(stderr, "'%s' became '%s', which does not say the same\n", text.c_str(), written.c_str());
    std::abort();
  }
  return 0;
}
