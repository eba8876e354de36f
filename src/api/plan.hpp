// What decoding will take, and whether it can succeed, told from what a file says of itself before anything is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vaerans/base/error.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// What stands in the way of decoding a stream that was read from a file.
struct PlanProblem {
  std::string step;  ///< the recipe of the step that would fail
  Error error;
};

/// Pictures that were decoded before and stay, while another stream of the file is decoded.
struct Held {
  std::uint64_t bytes = 0;
  /// The limits of what is decoded beside them.
  [[nodiscard]] Limits left_of(Limits limits) const noexcept;
};

/// nullopt: the models that the steps need are there and are those that made the stream; undoing the steps takes no
/// more than limits.max_memory beside what is held, where each step needs what it reads and what it makes at once, and
/// some say more; and it takes no more time than the stream's bytes may ask for (System::undo_pixels()).
[[nodiscard]] std::optional<PlanProblem> plan_problem(const Component& stream, const Limits& limits,
                                                      const Held& held = {});

/// What a stream was made of, which is what it decodes to. Throws Error(contract) for what no chain has made.
[[nodiscard]] const Spec& source_of(const Component& stream);
/// Its bytes.
[[nodiscard]] std::uint64_t source_bytes(const Component& stream);

/// Throws Error(limit_exceeded) for a stream of few bytes whose steps take as long to undo as far more pixels than
/// limits.max_pixels_per_byte allows. What takes no longer than the picture's own pixels, such as a restoration or the
/// rotations of a klt, never is too much: the file's size was held against those.
void require_undo_time(const Component& stream, const Limits& limits);

}  // namespace vaerans
