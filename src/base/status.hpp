// What a kernel answers when its data, not its caller, may be at fault.
//
// Kernels throw nothing, print nothing and include nothing of the project: a caller turns a Status into its own typed
// error and adds what the kernel cannot know (which file, which band). The values stand in no file.
#pragma once

#include <cstdint>

namespace vaerans::kernels {

enum class Status : std::uint8_t {
  ok,
  bad_argument,      // sizes that do not fit each other, a lane count or precision out of range, no counts at all
  too_small,         // the image is smaller than the metric's window
  too_many_symbols,  // more distinct symbols than a table of this precision has slots
  bad_table,         // frequencies that do not sum up to 2^precision, or a table that was never built
  bad_symbol,        // a symbol outside the alphabet, or one whose frequency is zero
  output_full,       // the caller's span is too short for the output
  truncated,         // the coded words end before the last symbol
  trailing,          // coded words are left over after the last symbol
  bad_state,         // a coded start state that no encoder writes
  end_state,         // the decoder did not come back to the encoder's initial state: the words were altered
};

[[nodiscard]] constexpr const char* to_string(Status status) noexcept {
  switch (status) {
    case Status::ok: return "ok";
    case Status::bad_argument: return "sizes or parameters out of range";
    case Status::too_small: return "image smaller than the metric's window";
    case Status::too_many_symbols: return "more distinct symbols than table slots";
    case Status::bad_table: return "frequencies do not sum up to 2^precision";
    case Status::bad_symbol: return "symbol outside the table";
    case Status::output_full: return "output span too short";
    case Status::truncated: return "coded words end too early";
    case Status::trailing: return "coded words left over";
    case Status::bad_state: return "impossible coder state";
    case Status::end_state: return "coder did not return to its initial state";
  }
  return "unknown status";
}

}  // namespace vaerans::kernels
