// Any bytes as a .vrs file, with a valid checksum so that the parsers behind it are reached. Only typed errors may come
// out of it.
#include <cstddef>
#include <cstdint>

#include "base/checksum.hpp"
#include "format/layout.hpp"
#include "vaerans/api.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  Bytes file(layout::magic.size() + 1 + size + layout::crc_bytes);
  for (std::size_t i = 0; i < layout::magic.size(); ++i) file[i] = std::to_integer<std::uint8_t>(layout::magic[i]);
  file[layout::magic.size()] = layout::version;
  std::copy(data, data + size, file.begin() + layout::magic.size() + 1);
  const std::size_t body = file.size() - layout::crc_bytes;
  const std::uint32_t crc = crc32_of(std::as_bytes(std::span(file)).first(body));
  for (std::size_t i = 0; i < layout::crc_bytes; ++i) file[body + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  Context context;
  context.threads = 1;
  context.limits.max_pixels = 1 << 16;  // small enough for thousands of runs a second
  context.limits.max_side = 1 << 12;
  context.limits.max_channels = 16;
  try {
    (void)file_info(file, context.limits);
    (void)decompress_latent(file, context);
  } catch (const Error&) {
  }
  return 0;
}
