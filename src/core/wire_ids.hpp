// Every number that stands for a system, a parameter or a coder in a .vrs file. Numbers are never changed and never
// given away again: tests/unit/core/wire_ids_test.cpp pins them, docs/format.md lists them.
//
// Only invertible systems are written to files, so inverses, filters and metrics have no number. A system of role
// `forward` without one is written by its name, which is how plugins work. A parameter that no decoder needs is marked
// `never_in_files` in its descriptor.
#pragma once

#include <cstdint>

namespace vaerans::wire {

enum System : std::uint16_t {
  vae = 1,
  hadamard4 = 3,
  cdf53 = 5,
  haar = 7,
  quantize_u8 = 9,
  quantize = 10,
  ans = 12,
  rct = 23,
  klt = 25,
  predict = 40,
  ycocg = 41,
  cdf97 = 42,
  quantize_bands = 43,
  restore = 44,
  // Never to be given away: drafts had numbered systems that no file can hold (2, 4, 6, 8, 11, 13, 20 to 22, 24, 26,
  // 30 to 32).
};

/// Each is named after its system and itself.
enum Param : std::uint8_t {
  vae_model = 1,
  cdf53_levels = 1,
  haar_levels = 1,
  quantize_u8_per_band = 1,
  quantize_step = 1,
  quantize_bits = 2,
  quantize_deadzone = 3,
  predict_max_error = 1,
  cdf97_levels = 1,
  quantize_bands_step = 1,
  quantize_bands_chroma = 2,
  quantize_bands_visual = 3,
  quantize_bands_dependent = 4,
  quantize_bands_tile = 5,
  restore_strength = 1,
  restore_visual = 2,
};

/// The first byte of the side information of `ans`.
enum Coder : std::uint8_t { static_coder = 1, context_coder = 2, constriction_coder = 3, mixing_coder = 4 };

}  // namespace vaerans::wire
