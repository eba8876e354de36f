#include "interrupt.hpp"

#include <unistd.h>
#include <chrono>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>

#include "vaerans/image_io.hpp"

namespace vaerans::cli {
namespace {

// Never destroyed: the watcher may use it until the very end of the program.
std::timed_mutex& writing() {
  static auto& mutex = *new std::timed_mutex;
  return mutex;
}

void wait_for_signal(sigset_t signals) {
  int signal = 0;
  if (sigwait(&signals, &signal) != 0) return;
  // A write that hangs (a pipe nobody reads) must not make the program immortal.
  const std::unique_lock lock(writing(), std::chrono::seconds(5));
  remove_unfinished_files();  // those that are streamed into
  ::_exit(128 + signal);
}

}  // namespace

void watch_for_interrupts() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action{};
    // What our parent ignores (nohup, a background job) stays ignored.
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(&signals, signal);
  }
  // A write over the limit on file sizes then is an error, which is reported and cleaned up after.
  ::signal(SIGXFSZ, SIG_IGN);
  // Blocked here and in every thread to come: only the watcher gets them.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    std::thread(wait_for_signal, signals).detach();
  } catch (const std::system_error&) {  // no thread to be had: an interrupt ends the program wherever it is
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  }
}

UninterruptedWrite::UninterruptedWrite() { writing().lock(); }
UninterruptedWrite::~UninterruptedWrite() { writing().unlock(); }

}  // namespace vaerans::cli
