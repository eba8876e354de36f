// Layers: the base picture that a file's first stream decodes to, and the residual that makes it the source, or come
// nearer to it. Both directions are here, and the digests by which a decoder knows that its base is the encoder's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// Where the streams of a file stand once it is read.
inline constexpr std::string_view base_stream_key = "Bitstream";
inline constexpr std::string_view residual_stream_key = "ResidualBitstream";
inline constexpr std::string_view alpha_stream_key = "AlphaBitstream";
/// Where the decoded alpha stands.
inline constexpr std::string_view decoded_alpha_key = "ReconAlpha";

/// The digest of the pixels (H, W, 3) u8 of an entity's picture.
[[nodiscard]] Digest picture_digest(World& world, EntityId entity, std::string_view key);

/// Whether a step gives the same values on every machine: those of the format do, networks only where their card says
/// so, and of plugins nobody knows.
[[nodiscard]] bool decodes_alike(const System& system);
/// What is thrown where all steps do, and the picture has not the file's digest.
[[nodiscard]] Error another_picture();

/// What a file says of the pictures that it decodes to.
struct Promise {
  Digest base{};                 ///< digest of the picture that the first stream decodes to
  std::optional<Digest> source;  ///< digest of base and residual together; only where the file promises it
};
/// Notes it with the entity, for decode_entities.
void set_promise(World& world, EntityId entity, const Promise& promise);

/// Decodes what the chain has made of RGB into ReconRGB, as a decoder will; the bitstream stays. Failures go to
/// `result`; the entities that are left are returned.
[[nodiscard]] std::vector<EntityId> decode_base(World& world, std::span<const EntityId> entities, const Pipeline& chain,
                                                const Context& context, RunResult& result);

/// Codes what ReconRGB lacks of RGB into ResidualStream::key, rounded to multiples of `step`; 1 keeps all of it.
/// Failures go to `result`; the entities that are left are returned.
[[nodiscard]] std::vector<EntityId> code_residual(World& world, std::span<const EntityId> entities, std::int64_t step,
                                                  const Context& context, RunResult& result);

/// Codes the Alpha of entities exactly, into alpha_stream_key. Failures go to `result`; the entities that are left are
/// returned.
[[nodiscard]] std::vector<EntityId> code_alpha(World& world, std::span<const EntityId> entities, std::int64_t effort,
                                               const Context& context, RunResult& result);
/// What the entity's alpha stream takes of a file.
[[nodiscard]] std::uint64_t alpha_chunk_bytes(World& world, EntityId entity);
/// The file with the digest of what it decodes to.
[[nodiscard]] Bytes with_digest(const Bytes& file, const Context& context);
/// The file with the entity's alpha stream in it.
[[nodiscard]] Bytes with_alpha(World& world, EntityId entity, const Bytes& file, const Limits& limits);

/// What write_file() writes, without decoding it again to see whether `base` is what the stream decodes to: for those
/// who have just decoded it.
[[nodiscard]] Bytes write_decoded(World& world, EntityId entity, std::string_view key, const BaseDigest& digest);
[[nodiscard]] Bytes write_decoded(World& world, EntityId entity, std::string_view key, const ResidualStream& residual);

}  // namespace vaerans
