// A stream in a file: the steps that made it, their side information, and the payload.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// One step as the file holds it.
struct StoredStep {
  SystemPtr system;
  std::span<const std::byte> side_info;
  std::uint64_t bytes = 0;  ///< that the step takes in the file, its side information apart
};

struct StoredStream {
  std::vector<StoredStep> steps;
  std::span<const std::byte> payload;
  [[nodiscard]] std::string recipe() const;
};

/// Writes a bitstream component: its trail and its bytes. Throws Error(contract) if a step cannot be undone.
void write_stream(ByteWriter& out, Arena& arena, const Component& bitstream);

/// Throws Error(corrupt_stream), Error(limit_exceeded), Error(unknown_system), Error(bad_parameter).
[[nodiscard]] StoredStream read_stream(ByteReader& in, const Limits& limits);

/// Plays the steps over the source's spec and makes the stream a component of the entity.
void attach_stream(World& world, EntityId entity, std::string_view key, const StoredStream& stream,
                   std::string_view source_key, const Spec& source, const Limits& limits);

}  // namespace vaerans
