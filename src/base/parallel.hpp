// One way to use more than one core: oneTBB's pool, bounded by Context::threads.
#pragma once

#include <cstddef>
#include <functional>

namespace vaerans {

/// The number of threads that a Context's `threads` stands for: 0 means all that the machine has. Never more than help:
/// those of the machine, of its container's share, and what the process may make; at least 1.
[[nodiscard]] unsigned thread_count(unsigned threads) noexcept;

/// How many slots parallel_for() has for n calls: what is kept for each of them needs so many. At least 1.
[[nodiscard]] std::size_t slot_count(unsigned threads, std::size_t n) noexcept;

/// Calls body(i, slot) for i in [0, n), slot < slot_count(threads, n); two calls at one time have different slots.
/// Which slot an i gets is not determined, so results must not depend on it.
void parallel_for(unsigned threads, std::size_t n, const std::function<void(std::size_t i, std::size_t slot)>& body);

}  // namespace vaerans
