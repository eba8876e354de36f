// A stream in a file: the steps that made it, their side information, and the payload. Bytes only: parameters and side
// information are carried, not understood.
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
  std::uint64_t bytes = 0;  ///< once read: that the step takes in the file, its side information apart
};

struct StoredStream {
  std::vector<StoredStep> steps;
  std::span<const std::byte> payload;
  [[nodiscard]] std::string recipe() const;
};

/// The payload is the last of it; how long it is, whoever holds the bytes must know.
void write_stream(ByteWriter& out, const StoredStream& stream);

/// A stream up to the end of the bytes. Throws Error(corrupt_stream), Error(limit_exceeded), Error(unknown_system),
/// Error(bad_parameter).
[[nodiscard]] StoredStream read_stream(ByteReader& in, const Limits& limits);
/// Its steps alone: what comes next is the payload.
[[nodiscard]] std::vector<StoredStep> read_steps(ByteReader& in, const Limits& limits);

}  // namespace vaerans
