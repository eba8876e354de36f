// The layout of a .vrs file, said once. docs/format.md explains it with a worked example.
//
//   file     = header · chunk { · chunk }; the last chunk has its `last` bit set, and nothing follows it
//   header   = magic (4) · version u8 · source
//   source   = u8 of Source bits · two varints (H, W) of a picture, three (C, h, w) of a latent
//   chunk    = type u8 [· text name, of number 0] · varint bytes of the content · content · crc32 u32
//   type     = number in bits 0 to 5 (ChunkNumber) · needed (bit 6) · last (bit 7)
//   crc32    = zlib's CRC-32 of the header's bytes and then the chunk's, up to here
//
//   base     = stream                  alpha = stream
//   residual = u8 1 if lossless, else 0 · base digest (8) · source digest (8) · stream
//   digest   = base digest (8)
//   preview  = source · two varints (H, W) · stream
//   stream   = varint steps · steps × step · payload: the rest of the chunk
//   step     = varint wire id of the system [0: · text name] · varint params · params × param · varint bytes ·
//              side information
//   param    = varint wire id of the parameter (named systems: text name) · tag u8 (ValueTag) · value
//   text     = varint bytes · UTF-8
//
// All numbers are little endian; varints are LEB128; signed ones in zigzag. Digests are the first 8 bytes of SHA-256
// over the pixels. What the side information holds is up to its system.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vaerans::layout {

/// 0xF6 never occurs in UTF-8, so no text begins like this.
inline constexpr std::array<std::byte, 4> magic{std::byte{0xF6}, std::byte{'V'}, std::byte{'R'}, std::byte{'S'}};
inline constexpr std::uint8_t version = 1;
inline constexpr std::size_t crc_bytes = 4;
inline constexpr std::uint64_t max_name = 256;          ///< bytes that a text may have
inline constexpr std::uint64_t max_params = 64;         ///< parameters that a step may have
inline constexpr std::size_t max_chunks = 64;           ///< chunks that a file may have
inline constexpr std::uint64_t max_preview_side = 256;  ///< pixels of a preview in one direction

// ---- source ------------------------------------------------------------------------------------------------------

inline constexpr std::uint8_t source_latent = 1;       ///< else a picture
inline constexpr std::uint8_t source_grey = 2;         ///< a picture of one channel, else of three
inline constexpr std::uint8_t source_sixteen_bit = 4;  ///< samples are u16, else u8
inline constexpr std::uint8_t source_known = 7;        ///< bits that version 1 gives a meaning

// ---- chunks ------------------------------------------------------------------------------------------------------

inline constexpr std::uint8_t chunk_number_bits = 0x3F;
inline constexpr std::uint8_t chunk_needed = 0x40;  ///< a reader that does not know the chunk must refuse the file
inline constexpr std::uint8_t chunk_last = 0x80;

/// Numbers are pinned and never used again.
enum class ChunkNumber : std::uint8_t {
  named = 0,  ///< what a plugin or a program keeps there; its name follows
  base = 1,
  residual = 2,
  alpha = 3,
  digest = 4,
  tiles = 5,
  preview = 6,
  icc = 7,
  exif = 8,
  xmp = 9,
};

struct ChunkRule {
  ChunkNumber number;
  std::string_view name;
  bool needed;
};

/// In the order in which chunks are written: what is wanted first comes first. Chunks that are not here come last.
inline constexpr std::array<ChunkRule, 9> chunk_rules{{
    {ChunkNumber::preview, "preview", false},
    {ChunkNumber::icc, "icc", false},
    {ChunkNumber::tiles, "tiles", false},
    {ChunkNumber::base, "base", true},
    {ChunkNumber::residual, "residual", true},
    {ChunkNumber::alpha, "alpha", true},
    {ChunkNumber::digest, "digest", false},
    {ChunkNumber::exif, "exif", false},
    {ChunkNumber::xmp, "xmp", false},
}};

// ---- steps -------------------------------------------------------------------------------------------------------

enum class ValueTag : std::uint8_t { no = 0, yes = 1, integer = 2, f32 = 3, f64 = 4, text = 5 };

}  // namespace vaerans::layout
