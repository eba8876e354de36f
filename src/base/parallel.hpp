// One way to use more than one core: oneTBB's pool, bounded by Context::threads.
#pragma once

#include <cstddef>
#include <functional>

namespace vaerans {

/// The number of threads that a Context's `threads` stands for: 0 means all that the machine has. Never more than help:
/// those of the machine, of its container's share, and what the process may make; at least 1.
[[nodiscard]] unsigned thread_count(unsigned threads) noexcept;

/// Calls body(i, slot) for i in [0, n), slot < thread_count(threads); two calls at one time have different slots. Which
/// slot an i gets is not determined, so results must not depend on it.
void parallel_for(unsigned threads, std::size_t n, const std::function<void(std::size_t i, std::size_t slot)>& body);

}  // namespace vaerans
