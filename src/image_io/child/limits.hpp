// Bounds that the child holds and the parent explains.
#pragma once

#include <cstdint>

namespace vaerans::image_io {

/// CPU time that decoding a file may take: no file under 1 MB gets more than 10 seconds. Decoders take about 1 s for
/// each 50 million pixels, or for each 2 MB of the slowest formats.
[[nodiscard]] constexpr std::uint64_t cpu_seconds(std::uint64_t file_bytes) { return 8 + file_bytes * 2 / 1'000'000; }

constexpr int out_of_memory_exit = 81;  ///< exit code of a decoding process whose memory was used up
constexpr int no_worker_status = -1;    ///< in the place of waitpid()'s status: no process could be made

}  // namespace vaerans::image_io
