// Any bytes as a blob without magic, version and checksum, which the target puts around its input.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/checksum.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/store/blob.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  ByteWriter blob;
  for (const char c : {'V', 'L', 'B', '\1'}) blob.u8(static_cast<std::uint8_t>(c));
  blob.raw(std::as_bytes(std::span(data, size)));
  blob.u32(crc32_of(blob.bytes()));
  const auto* const first = reinterpret_cast<const std::uint8_t*>(blob.bytes().data());
  const std::span<const std::uint8_t> bytes(first, blob.bytes().size());
  constexpr Limits limits{.max_memory = 1U << 20U};
  try {
    const std::uint64_t count = blob_info(bytes, limits).count();
    for (const NumberType type : {NumberType::f32, NumberType::f16, NumberType::bf16}) {
      std::vector<float> out(count);
      decode_blob(bytes, type, std::as_writable_bytes(std::span(out)).first(count * number_size(type)), limits);
    }
  } catch (const Error&) {
  }
  return 0;
}
