// The .vrs file: everything a decoder needs, in its bytes alone. docs/format.md describes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

using Bytes = std::vector<std::uint8_t>;

/// What a file holds, without decoding it.
struct FileInfo {
  std::uint32_t version = 0;                ///< the format's; 0: the layout from before 1.0
  std::string recipe;                       ///< chain of the first stream
  std::string source_key;                   ///< "RGB" or "Latent4"
  std::vector<std::uint64_t> source_shape;  ///< (H, W, channels) of a picture, (C, h, w) of a latent
  std::string sample_type;                  ///< "u8" or "u16" of a picture, "f32" of a latent
  bool has_alpha = false;                   ///< whether a stream of its own holds the picture's alpha
  std::string model, model_hash;            ///< empty without a model; the hash as hex, as far as the file stores it
  struct Detail {
    std::string step, name, text;  ///< ("ans", "coder", "context")
  };
  std::vector<Detail> details;  ///< what the steps say of their side information; those of a residual come last
  bool has_residual = false;
  bool lossless = false;  ///< by a residual, or by a chain of which every step is exact
  std::string residual_recipe;
  std::string base_hash;    ///< hex digest of the picture that the first stream decodes to; empty if not stored
  std::string source_hash;  ///< hex digest of the source; with a residual stream only
  struct Part {
    std::string name;  ///< "frame", "quantize side information", "ans payload"…
    std::uint64_t bytes;
  };
  std::vector<Part> parts;  ///< sums up to the file's size
  /// A piece of the file that has a checksum of its own.
  struct Chunk {
    std::string name;             ///< "header", "base", "icc", a plugin's name, "chunk 17"
    bool needed;                  ///< whether a reader that does not know it must refuse the file
    std::uint64_t offset, bytes;  ///< where it stands in the file
  };
  std::vector<Chunk> chunks;  ///< in the file's order, the header first; sums up to the file's size
  std::uint64_t file_bytes = 0;
};

/// Writes an entity's bitstream with the recipe and side information of its trail. Throws Error(contract) if the
/// component is no bitstream.
[[nodiscard]] Bytes write_file(World& world, EntityId entity, std::string_view key = "Bitstream");

/// The same with the digest of the picture that the stream decodes to, the entity's `base`: a decoder can then tell
/// whether its pixels are the encoder's. The file is decoded to see that it is so; throws Error(contract) if not.
struct BaseDigest {
  std::string base = "ReconRGB";
};
[[nodiscard]] Bytes write_file(World& world, EntityId entity, std::string_view key, const BaseDigest& digest);

/// Where decode_entities notes, among the entity's metadata, whether the decoded picture has the file's digest (1 or
/// 0). Only for files that have one and no residual stream; with that stream a deviation is Error(base_mismatch).
inline constexpr std::string_view digest_matches_key = "digest_matches";

/// The same with a residual stream beside it. The entity's `base` picture is the one that the first stream decodes to,
/// and RGB the source: their digests go into the file, so that a decoder can tell whether its base is the same. The
/// file is decoded to see that both are true; throws Error(contract) if not.
struct ResidualStream {
  std::string key = "ResidualBitstream", base = "ReconRGB";
  bool lossless = true;  ///< promises that base + residual is the source
};
[[nodiscard]] Bytes write_file(World& world, EntityId entity, std::string_view key, const ResidualStream& residual);

/// Parses and checks a file, and spawns an entity with its Bitstream (and ResidualBitstream). Throws
/// Error(corrupt_stream) with the byte offset, Error(unsupported_version), Error(limit_exceeded),
/// Error(unknown_system).
[[nodiscard]] EntityId read_file(World& world, std::span<const std::uint8_t> bytes, const Limits& limits = {});

/// Undoes the chains of entities that read_file made: each gets ReconRGB, with the residual added where the file has
/// one, or Latent4 if it held a latent; the result's key is the first one's. Error(base_mismatch) where the base
/// picture is not the encoder's.
RunResult decode_entities(World& world, std::span<const EntityId> entities, const Context& context = {});

/// Throws Error(corrupt_stream) unless bytes begin as a .vrs file does, of this format or from before 1.0. The first
/// four are enough to tell, so nobody has to read the rest of what is none.
void require_vrs(std::span<const std::uint8_t> front);

[[nodiscard]] FileInfo file_info(std::span<const std::uint8_t> bytes, const Limits& limits = {});

/// Holds every checksum of a file against its bytes, without decoding anything, and throws Error(corrupt_stream) that
/// names the first chunk that is damaged. Throws what file_info() throws, too.
void verify_file(std::span<const std::uint8_t> bytes, const Limits& limits = {});

/// What is said of a picture besides its pixels, byte by byte as the picture's file said it; empty where it said
/// nothing.
struct PictureMetadata {
  Bytes icc;   ///< the profile of the colours
  Bytes exif;  ///< from the TIFF header ("II*" or "MM") on, without "Exif" before it
  Bytes xmp;   ///< a packet in UTF-8
  [[nodiscard]] bool empty() const noexcept { return icc.empty() && exif.empty() && xmp.empty(); }
  /// How many bytes it adds to a .vrs file.
  [[nodiscard]] std::uint64_t stored_bytes() const;
  bool operator==(const PictureMetadata&) const = default;
};

/// What a file says of its picture. A kind that a later version packed in a way that is not known here is left out.
/// Throws what verify_file() throws.
[[nodiscard]] PictureMetadata file_metadata(std::span<const std::uint8_t> bytes, const Limits& limits = {});

/// The file with this metadata in the place of its own; pixels and other chunks stay the same. Throws what
/// verify_file() throws, and Error(limit_exceeded) for more than 64 MiB of a kind.
[[nodiscard]] Bytes with_metadata(std::span<const std::uint8_t> bytes, const PictureMetadata& metadata,
                                  const Limits& limits = {});

/// The file without the chunks that a decoder may skip (metadata, preview, tile index, digest, what plugins added), but
/// for those named in `keep`. Its pixels stay the same. A file from before format 1.0 becomes one of 1.0.
[[nodiscard]] Bytes strip_file(std::span<const std::uint8_t> bytes, std::span<const std::string> keep = {},
                               const Limits& limits = {});

}  // namespace vaerans
