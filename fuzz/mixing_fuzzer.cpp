// Any bytes as what the mixing coder wrote: the side information, then the payload of planes of 20 × 24 samples. Bit 7
// of the first byte: one plane; kind 3: samples of 16 bits, and where levels follow, eight bytes are taken for them;
// kind 4: graphics; kind 5: tiles may be dense; kind 7: fast tiles.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coding/coder.hpp"
#include "vaerans/base/error.hpp"

namespace {

using namespace vaerans;

constexpr std::uint32_t kHeight = 20, kWidth = 24;

std::vector<Subband> planes(std::uint32_t count) {
  std::vector<Subband> out;
  for (std::uint32_t c = 0; c < count; ++c) {
    out.push_back({.channel = c, .offset = std::uint64_t{c} * kHeight * kWidth, .h = kHeight, .w = kWidth});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> input(data, data + size);
  const bool one = !input.empty() && input[0] >= 128;
  if (one) input[0] &= 127;
  const bool deep = !input.empty() && input[0] == 3;
  const std::vector<Subband> subbands = planes(one ? 1 : 3);
  Pyramid pyramid;
  pyramid.subbands = subbands;
  const auto bytes = std::as_bytes(std::span(input));
  const bool graphic = !input.empty() && input[0] == 4;
  std::size_t cut = deep ? 4 : graphic ? 2 : 3;
  if (deep && size > 3 && input[3] >= 128) cut += 8;
  cut = std::min(cut, size);
  const std::size_t count = subbands.size() * kHeight * kWidth;
  std::vector<std::uint8_t> samples(deep ? 0 : count);
  std::vector<std::uint16_t> deep_samples(deep ? count : 0);
  try {
    const SymbolsOut out = deep ? SymbolsOut(std::span(deep_samples)) : SymbolsOut(std::span(samples));
    mixing_coder().decode(bytes.first(cut), bytes.subspan(cut), pyramid, {}, out);
  } catch (const Error&) {
  }
  return 0;
}
