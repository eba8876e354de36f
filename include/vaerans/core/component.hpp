// Component: a tensor of one entity, what kind of thing it is, and the trail of steps that led to it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/tensor.hpp"

namespace vaerans {

class System;

/// What a tensor is, so that a chain can be checked before it runs.
enum class Kind : std::uint8_t {
  image,       ///< (H, W, 3) u8, interleaved sRGB; for systems that take any picture also (H, W, 1), and u16
  difference,  ///< (H, W, 3) i16, the difference of two images
  planes,      ///< (C, h, w) f32 or integers: latents, colour planes
  bands,       ///< (C, n) coefficients, each subband (channel, level, band) contiguous
  symbols,     ///< (C, n) u8 or u16, same subbands
  bitstream,   ///< (n,) u8: coded bytes
  parameters,  ///< (rows, columns) f32: numbers about another component
};
[[nodiscard]] std::string_view kind_name(Kind kind) noexcept;
/// The specification's key for a kind, where a chain does not say: image → "RGB", planes → "Latent4"…
[[nodiscard]] std::string_view default_key(Kind kind) noexcept;
/// The key that a name stands for: "Symbols" is "SymbolsU8", every other name is itself.
[[nodiscard]] std::string_view canonical_key(std::string_view name) noexcept;

/// Which half of the frequency plane a subband holds; the first letter is the horizontal filter.
enum class Orientation : std::uint8_t { LL = 0, HL = 1, LH = 2, HH = 3 };
[[nodiscard]] std::string_view orientation_name(Orientation band) noexcept;

/// A contiguous run of coefficients of one channel: h rows of w, `offset` elements from the start of the item.
/// Level 0 means "not a wavelet band"; level 1 is the finest.
struct Subband {
  std::uint32_t channel = 0;
  std::uint8_t level = 0;
  Orientation orientation = Orientation::LL;
  std::uint64_t offset = 0;
  std::uint32_t h = 0, w = 0;
  [[nodiscard]] std::uint64_t size() const noexcept { return std::uint64_t{h} * w; }
};

/// Everything about an item but its values: enough to allocate it and to walk it.
struct Spec {
  Kind kind = Kind::image;
  DType dtype = DType::u8;
  Shape shape;                        ///< one entity's, without a batch axis
  std::span<const Subband> subbands;  ///< in the world's arena; empty for kinds that have none
};

/// The subbands of an item; a kind without subbands counts as one subband for each channel (first axis).
[[nodiscard]] std::vector<Subband> subbands_of(const Spec& spec);

/// One step of a trail: which system ran, on what, and the side information its inverse needs.
/// Nodes live in the arena and are shared by the components that follow.
struct TrailStep {
  const System* system = nullptr;        ///< kept alive by the World
  std::string_view input_key;            ///< interned (see intern()): the component the step consumed
  Spec input;                            ///< what that component was
  std::span<const std::byte> side_info;  ///< as the system serialised it; may be empty
  const TrailStep* previous = nullptr;   ///< the step before, nullptr for the first
};

/// A tensor of one entity. Valid until its world is reset.
struct Component {
  TensorRef data;
  Spec spec;
  const TrailStep* trail = nullptr;  ///< nullptr: a source, not made by an invertible step
};

/// Keeps one copy of a string for the life of the program; equal strings give equal data() pointers.
[[nodiscard]] std::string_view intern(std::string_view text);

}  // namespace vaerans
