// How many tiles are decoded at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/parallel.hpp"
#include "vaerans/base/limits.hpp"

namespace vaerans {

/// As many threads as a gigabyte, or a quarter of the limit, has room for, where each takes so many bytes: a machine of
/// many threads must not refuse what others decode. At least one. `wanted` 0: all that the machine has.
[[nodiscard]] inline unsigned decoder_threads(std::size_t bytes, std::size_t tiles, unsigned wanted,
                                              const Limits& limits) {
  const std::uint64_t room = std::min(std::uint64_t{1} << 30U, limits.max_memory / 4);
  const std::uint64_t fit = std::max<std::uint64_t>(1, room / std::max<std::size_t>(1, bytes));
  return static_cast<unsigned>(std::min<std::uint64_t>({thread_count(wanted), fit, std::max<std::size_t>(1, tiles)}));
}

}  // namespace vaerans
