#include "vaerans/core/component.hpp"

#include <mutex>
#include <set>

namespace vaerans {

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::image: return "image";
    case Kind::difference: return "difference";
    case Kind::planes: return "planes";
    case Kind::bands: return "bands";
    case Kind::symbols: return "symbols";
    case Kind::bitstream: return "bitstream";
    case Kind::parameters: return "parameters";
  }
  return "unknown";
}

std::string_view default_key(Kind kind) noexcept {
  switch (kind) {
    case Kind::image: return "RGB";
    case Kind::difference: return "Residual";
    case Kind::planes: return "Latent4";
    case Kind::bands: return "WaveletPyr";
    case Kind::symbols: return "SymbolsU8";
    case Kind::bitstream: return "Bitstream";
    case Kind::parameters: return "QuantParams";
  }
  return "unknown";
}

std::string_view canonical_key(std::string_view name) noexcept { return name == "Symbols" ? "SymbolsU8" : name; }

std::string_view orientation_name(Orientation band) noexcept {
  switch (band) {
    case Orientation::LL: return "LL";
    case Orientation::HL: return "HL";
    case Orientation::LH: return "LH";
    case Orientation::HH: return "HH";
  }
  return "unknown";
}

std::vector<Subband> subbands_of(const Spec& spec) {
  if (!spec.subbands.empty()) return {spec.subbands.begin(), spec.subbands.end()};
  const std::uint64_t channels = spec.shape.rank() > 1 ? spec.shape[0] : 1;
  const std::uint64_t n = spec.shape.elements() / channels;
  const std::uint64_t w = spec.shape[spec.shape.rank() - 1];
  std::vector<Subband> out;
  for (std::uint64_t c = 0; c < channels; ++c) {
    out.push_back({static_cast<std::uint32_t>(c), 0, Orientation::LL, c * n, static_cast<std::uint32_t>(n / w),
                   static_cast<std::uint32_t>(w)});
  }
  return out;
}

std::string_view intern(std::string_view text) {
  // Never destroyed: trails may be read while other statics go away.
  static auto* const strings = new std::set<std::string, std::less<>>;
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  const auto found = strings->find(text);
  return found != strings->end() ? *found : *strings->emplace(text).first;
}

}  // namespace vaerans
