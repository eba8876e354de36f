// The layout of a .vrs file, said once. docs/format.md explains it with a worked example.
//
//   file     = magic (4) · version u8 · flags u8 · source · stream [· residual | base digest (8)] · crc32 u32 of all
//              bytes before it
//   source   = kind u8 (SourceKind) · three varints: (H, W, 3) of a picture, (C, h, w) of a latent
//   residual = base digest (8) · source digest (8) · stream          (if flag_residual; the base digest alone if
//              flag_digest)
//   stream   = varint steps · steps × step · varint payload bytes · payload
//   step     = varint wire id of the system [0: · text name] · varint params · params × param · varint bytes ·
//              side information
//   param    = varint wire id of the parameter (named systems: text name) · tag u8 (ValueTag) · value
//   text     = varint bytes · UTF-8
//
// All numbers are little endian; varints are LEB128; signed ones in zigzag. Digests are the first 8 bytes of SHA-256
// over the pixels (H, W, 3) u8. What the side information holds is up to its system.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vaerans::layout {

inline constexpr std::array<std::byte, 4> magic{std::byte{0x96}, std::byte{'V'}, std::byte{'R'}, std::byte{'S'}};
inline constexpr std::uint8_t version = 1;
inline constexpr std::uint8_t flag_residual = 1;
inline constexpr std::uint8_t flag_lossless = 2;
inline constexpr std::uint8_t flag_digest = 4;  ///< the base picture's digest, in files without a residual
inline constexpr std::size_t crc_bytes = 4;
inline constexpr std::size_t least_bytes = magic.size() + 2 + crc_bytes;
inline constexpr std::uint64_t max_name = 256;   ///< bytes of a text
inline constexpr std::uint64_t max_params = 64;  ///< parameters of one step

enum class SourceKind : std::uint8_t { picture = 0, latent = 1 };
enum class ValueTag : std::uint8_t { no = 0, yes = 1, integer = 2, f32 = 3, f64 = 4, text = 5 };

}  // namespace vaerans::layout
