// The exit codes of `vaerans`. Scripts depend on them: they never change. docs/cli.md and --help print this table.
#pragma once

#include "vaerans/base/error.hpp"

namespace vaerans::cli {

enum class Exit : int {
  ok = 0,
  some_failed = 1,
  usage = 2,
  bad_input = 3,
  no_model = 4,
  io = 5,
  internal = 70,
  // 128 + the signal's number where a signal ended the program, as shells count it
};

inline constexpr const char* exit_code_help =
    "Exit codes:\n"
    "   0  done\n"
    "   1  some of several inputs failed; each is named on stderr\n"
    "   2  wrong usage: options, recipe or parameters\n"
    "   3  bad input: a file that is corrupt, unreadable, unsupported or over a limit, or has not what is asked of it\n"
    "   4  a model or ONNX Runtime is missing, does not fit or fails\n"
    "   5  input/output: a file is missing, exists already, cannot be written; no memory\n"
    "  70  a bug in vaerans: please report it\n";

/// The exit code for an error of the library.
[[nodiscard]] constexpr Exit exit_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::shape:
    case ErrorCode::dtype:
    case ErrorCode::contract:
    case ErrorCode::missing_component:  // a key of a store
    case ErrorCode::unknown_system:
    case ErrorCode::bad_recipe:
    case ErrorCode::bad_parameter: return Exit::usage;
    case ErrorCode::non_finite:
    case ErrorCode::corrupt_stream:
    case ErrorCode::unsupported_version:
    case ErrorCode::limit_exceeded:
    case ErrorCode::base_mismatch:
    case ErrorCode::image_unreadable:
    case ErrorCode::image_unsupported: return Exit::bad_input;
    case ErrorCode::model_not_found:
    case ErrorCode::model_invalid:
    case ErrorCode::model_mismatch:
    case ErrorCode::runtime_not_found:
    case ErrorCode::inference: return Exit::no_model;
    case ErrorCode::io:
    case ErrorCode::exists:
    case ErrorCode::arena_full: return Exit::io;
    case ErrorCode::foreign_ref:
    case ErrorCode::stale_ref:
    case ErrorCode::unknown_entity:
    case ErrorCode::internal: return Exit::internal;
  }
  return Exit::internal;
}

/// The same where files are read: an unknown system in one is bad input, not wrong usage, as is a part that it lacks.
[[nodiscard]] constexpr Exit exit_of_reading(ErrorCode code) noexcept {
  const Exit exit = exit_of(code);
  return exit == Exit::usage ? Exit::bad_input : exit;
}

}  // namespace vaerans::cli
