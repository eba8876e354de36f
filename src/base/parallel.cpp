#include "base/parallel.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "vaerans/base/interrupt.hpp"

namespace vaerans {
namespace {

/// CPUs that a container may use, as Linux' control groups say; no bound where they say nothing.
unsigned quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double allowed = 0, period = 0;
  if (!(file >> allowed >> period) || allowed <= 0 || period <= 0) return ~0U;  // also where it says "max"
  return std::max(1U, static_cast<unsigned>(std::ceil(allowed / period)));
}

/// Threads that wait for each other, so that all of them are there at one time; they end with this object.
class Crowd {
 public:
  ~Crowd() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
    }
    end_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  /// False where the system makes no further thread.
  bool add() {
    try {
      threads_.emplace_back([this] {
        std::unique_lock lock(mutex_);
        end_.wait(lock, [this] { return over_; });
      });
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable end_;
  std::vector<std::thread> threads_;
  bool over_ = false;
};

/// What the machine has, its container allows, and the limits of this process (`ulimit -u`, `-v`) leave: libraries that
/// get fewer threads than they ask for hang or end the program. Twice as many must go, for two libraries have a pool.
unsigned count_available() {
  const int machine = std::min(tbb::info::default_concurrency(), static_cast<int>(std::thread::hardware_concurrency()));
  const unsigned wanted = std::min(static_cast<unsigned>(std::max(machine, 1)), quota());
  Crowd crowd;
  unsigned made = 0;
  while (made < 2 * (wanted - 1) && crowd.add()) ++made;
  return 1 + made / 2;
}

std::atomic<InterruptCheck> interrupt_check{nullptr};

}  // namespace

void set_interrupt_check(InterruptCheck check) noexcept { interrupt_check.store(check); }

void check_interrupt() {
  if (const InterruptCheck check = interrupt_check.load(std::memory_order_relaxed)) check();
}

unsigned thread_count(unsigned threads) noexcept {
  if (threads == 1) return 1;  // nothing to count, and no thread is made for it
  static const unsigned available = count_available();
  return threads == 0 ? available : std::min(threads, available);
}

std::size_t slot_count(unsigned threads, std::size_t n) noexcept {
  return n < 2 ? 1 : std::min<std::size_t>(n, thread_count(threads));
}

namespace {

#if defined(VAERANS_SANITIZE_THREAD)
/// ThreadSanitizer does not see how oneTBB's threads wait for each other, since that library is built without it: it
/// would call all that they share a race. Here are threads that it sees.
void spread(std::size_t count, std::size_t n, const std::function<void(std::size_t, std::size_t)>& body) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first;
  const auto work = [&](std::size_t slot) {
    try {
      for (std::size_t i = next++; i < n; i = next++) {
        check_interrupt();
        body(i, slot);
      }
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!first) first = std::current_exception();
      next = n;
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t slot = 1; slot < count; ++slot) others.emplace_back(work, slot);
    work(0);
  }
  if (first) std::rethrow_exception(first);
}
#else
/// How many calls this thread is in: one within the body of another gets an arena of its own. In the same one, a thread
/// that waits for the inner call could take up another piece of the outer one, in the slot that it holds already.
thread_local std::size_t depth = 0;

class Deeper {
 public:
  Deeper() { ++depth; }
  ~Deeper() { --depth; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
};

/// This thread's arena for so many threads. It is kept: oneTBB lets go of arenas late, so with a new one for each call
/// they would pile up, and with them the time that finding work takes.
tbb::task_arena& kept_arena(std::size_t count) {
  thread_local std::map<std::pair<std::size_t, std::size_t>, tbb::task_arena> arenas;
  return arenas.try_emplace({depth, count}, static_cast<int>(count)).first->second;
}

void spread(std::size_t count, std::size_t n, const std::function<void(std::size_t, std::size_t)>& body) {
  kept_arena(count).execute([&] {
    tbb::parallel_for(std::size_t{0}, n, [&](std::size_t i) {
      const Deeper deeper;
      check_interrupt();
      body(i, static_cast<std::size_t>(tbb::this_task_arena::current_thread_index()));
    });
  });
}
#endif

}  // namespace

void parallel_for(unsigned threads, std::size_t n, const std::function<void(std::size_t, std::size_t)>& body) {
  // No more slots than calls: oneTBB's threads take any that there are.
  const std::size_t count = slot_count(threads, n);
  if (count > 1) return spread(count, n, body);
  for (std::size_t i = 0; i < n; ++i) {
    check_interrupt();
    body(i, 0);
  }
}

}  // namespace vaerans
