// Any bytes as a .vrs file, with valid checksums so that the parsers behind them are reached. Only typed errors may
// come out of it.
#include <cstddef>
#include <cstdint>

#include "format/layout.hpp"
#include "reseal.hpp"
#include "vaerans/api.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  Bytes file;
  for (const std::byte b : layout::magic) file.push_back(std::to_integer<std::uint8_t>(b));
  file.push_back(layout::version);
  file.insert(file.end(), data, data + size);
  test::reseal(file);
  Context context;
  context.threads = 1;
  context.limits.max_pixels = 1 << 16;  // small enough for thousands of runs a second
  context.limits.max_side = 1 << 12;
  context.limits.max_channels = 16;
  try {
    (void)file_info(file, context.limits);
    (void)strip_file(file, {}, context.limits);
    (void)decompress_latent(file, context);
  } catch (const Error&) {
  }
  return 0;
}
