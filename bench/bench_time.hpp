// What is timed: a part of an iteration, so that making the input again does not count.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <ctime>

namespace vaerans::bench {

// Seconds that this process has computed: what the wall clock shows on an otherwise idle machine, for one thread. Other
// programs on the same core do not count.
inline double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

inline double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The loop of a benchmark that was registered with UseManualTime(): `prepare` is not timed, and neither is a first
// round of both, which touches the memory.
template <double (*kNow)() = processor_seconds, class Prepare, class Work>
void time_loop(benchmark::State& state, Prepare prepare, Work work) {
  prepare();
  work();
  for (auto _ : state) {
    prepare();
    const double begin = kNow();
    work();
    state.SetIterationTime(kNow() - begin);
  }
}

template <class Work>
void time_loop(benchmark::State& state, Work work) {
  time_loop(state, [] {}, work);
}

}  // namespace vaerans::bench
