#include "systems/quantize/band_side_info.hpp"

#include <string>

#include "base/bytes.hpp"
#include "coding/mixing/parts.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kSideInfo = "quantize_bands side information";

}  // namespace

BandSideInfo read_band_side_info(std::span<const std::byte> bytes, bool dependent, std::uint32_t channels) {
  ByteReader in(bytes, kSideInfo);
  BandSideInfo out;
  const std::uint8_t flags = in.u8();
  if (flags > 1) in.corrupt("unknown flags");
  out.wide = flags == 1;
  out.centers.resize(centers_for(channels - 1) + 1);
  for (auto& plane : out.centers) {
    for (auto& center : plane) {
      const std::uint8_t byte = in.u8();
      center = dependent ? static_cast<std::int8_t>(byte) : std::int16_t{byte};
    }
  }
  out.map = in.take(in.left());
  return out;
}

ByteBuffer write_side_info(const BandSideInfo& side_info) {
  ByteWriter out;
  out.u8(side_info.wide ? 1 : 0);
  for (const auto& plane : side_info.centers) {
    for (const std::int16_t center : plane) out.u8(static_cast<std::uint8_t>(center));
  }
  out.raw(side_info.map);
  return out.take();
}

void require_map(const BandSideInfo& side_info, bool visual) {
  if (side_info.map.empty() != visual) return;
  throw Error(ErrorCode::corrupt_stream,
              std::string(kSideInfo) + (visual ? ": no map of steps" : ": bytes are left over"));
}

ByteBuffer write_map(const kernels::StepMap& map) {
  kernels::PartedDecisions decisions;
  map.encode(decisions);
  return write_counted_parts(decisions.take());
}

kernels::StepMap read_map(std::span<const std::byte> bytes, kernels::StepMap map) {
  ByteReader in(bytes, kSideInfo);
  const auto parts = read_counted_parts(in);
  kernels::PartedDecoder decoder(parts);
  map.decode(decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok)
    in.corrupt(std::string("map of steps: ") + kernels::to_string(status));
  return map;
}

}  // namespace vaerans
