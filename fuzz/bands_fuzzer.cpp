// Any bytes as what the mixing coder wrote for wavelet bands: a byte that chooses the shape, the planes and the kind of
// indices, then the payload.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coding/coder.hpp"
#include "vaerans/base/error.hpp"

namespace {

using namespace vaerans;

// Planes of h × w under two levels.
std::vector<Subband> bands(std::uint32_t channels, std::uint32_t h, std::uint32_t w) {
  std::vector<Subband> out;
  std::uint64_t offset = 0;
  const auto add = [&](std::uint32_t c, int level, Orientation o, std::uint32_t rows, std::uint32_t columns) {
    out.push_back({c, static_cast<std::uint8_t>(level), o, offset, rows, columns});
    offset += std::uint64_t{rows} * columns;
  };
  for (std::uint32_t c = 0; c < channels; ++c) {
    const std::uint32_t h1 = (h + 1) / 2, w1 = (w + 1) / 2, h2 = (h1 + 1) / 2, w2 = (w1 + 1) / 2;
    add(c, 2, Orientation::LL, h2, w2);
    add(c, 2, Orientation::HL, h2, w1 - w2);
    add(c, 2, Orientation::LH, h1 - h2, w2);
    add(c, 2, Orientation::HH, h1 - h2, w1 - w2);
    add(c, 1, Orientation::HL, h1, w - w1);
    add(c, 1, Orientation::LH, h - h1, w1);
    add(c, 1, Orientation::HH, h - h1, w - w1);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint32_t h = data[0] % 2 == 0 ? 24 : 1, w = data[0] / 2 % 2 == 0 ? 20 : 3;
  const std::uint32_t channels = data[0] / 16 % 2 == 0 ? 3 : 1;
  const std::vector<Subband> subbands = bands(channels, h, w);
  Pyramid pyramid;
  pyramid.subbands = subbands;
  const std::byte kind[] = {data[0] / 8 % 2 == 0 ? std::byte{2} : std::byte{6}};
  const auto payload = std::as_bytes(std::span(data, size)).subspan(1);
  std::vector<std::uint8_t> narrow(std::size_t{channels} * h * w);
  std::vector<std::uint16_t> wide(narrow.size());
  try {
    if (data[0] / 4 % 2 == 0) {
      mixing_coder().decode(kind, payload, pyramid, {}, std::span(narrow));
    } else {
      mixing_coder().decode(kind, payload, pyramid, {}, std::span(wide));
    }
  } catch (const Error&) {
  }
  return 0;
}
