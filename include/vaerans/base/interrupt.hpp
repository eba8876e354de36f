// Stopping a long call half-way.
#pragma once

namespace vaerans {

/// Asked between two pieces of work (steps, tiles, rows of a coder), many times a second and from any thread that works
/// for the call; a run of ONNX Runtime is one piece. To stop the call it throws something that is no std::exception, so
/// that nothing on its way takes it for the failure of one picture: it reaches the caller whatever on_error says.
using InterruptCheck = void (*)();

/// For the whole process; nullptr (as at the start) asks nobody. A door sets it once: the Python package heeds Ctrl-C.
void set_interrupt_check(InterruptCheck check) noexcept;

/// Asks. For systems of your own that work long.
void check_interrupt();

}  // namespace vaerans
