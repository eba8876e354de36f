// Any bytes as what the mixing coder wrote: the side information, then the payload of planes of 20 × 24 samples.
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

std::vector<Subband> planes() {
  std::vector<Subband> out;
  for (std::uint32_t c = 0; c < 3; ++c) {
    out.push_back({.channel = c, .offset = std::uint64_t{c} * kHeight * kWidth, .h = kHeight, .w = kWidth});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Subband> subbands = planes();
  Pyramid pyramid;
  pyramid.subbands = subbands;
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::size_t cut = std::min<std::size_t>(size, 3);
  std::vector<std::uint8_t> samples(std::size_t{3} * kHeight * kWidth);
  try {
    mixing_coder().decode(bytes.first(cut), bytes.subspan(cut), pyramid, {}, std::span(samples));
  } catch (const Error&) {
  }
  return 0;
}
