// Ctrl-C: the program ends between two writes, never inside one, so that no temporary file stays.
#pragma once

namespace vaerans::cli {

/// To be called before any thread is started.
void watch_for_interrupts();

/// While one exists, an interrupt waits (for a few seconds at most).
class UninterruptedWrite {
 public:
  UninterruptedWrite();
  ~UninterruptedWrite();
  UninterruptedWrite(const UninterruptedWrite&) = delete;
  UninterruptedWrite& operator=(const UninterruptedWrite&) = delete;
};

}  // namespace vaerans::cli
