#include "base/parallel.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <thread>

namespace vaerans {

unsigned thread_count(unsigned threads) noexcept {
  if (threads != 0) return threads;
  const unsigned machine = std::thread::hardware_concurrency();
  return machine == 0 ? 1 : machine;
}

void parallel_for(unsigned threads, std::size_t n, const std::function<void(std::size_t, std::size_t)>& body) {
  const unsigned count = thread_count(threads);
  if (count == 1 || n <= 1) {
    for (std::size_t i = 0; i < n; ++i) body(i, 0);
    return;
  }
  // oneTBB prints a warning when it is asked for more workers than it has.
  tbb::task_arena arena(std::min(static_cast<int>(count), tbb::info::default_concurrency()));
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, n, [&](std::size_t i) {
      body(i, static_cast<std::size_t>(tbb::this_task_arena::current_thread_index()));
    });
  });
}

}  // namespace vaerans
