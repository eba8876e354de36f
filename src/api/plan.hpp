// What decoding will take, and whether it can succeed, told from what a file says of itself before anything is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vaerans/base/error.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// Throws Error(limit_exceeded) for a picture that is larger than allowed: what is written must be readable, so the
/// limits of reading hold there, too.
void require_extents(std::uint64_t height, std::uint64_t width, const Limits& limits);

/// What stands in the way of decoding a stream that was read from a file.
struct PlanProblem {
  std::string step;  ///< the recipe of the step that would fail
  Error error;
};

/// nullopt: the models that the steps need are there and are those that made the stream, and undoing the steps takes no
/// more than limits.max_memory, where each step needs what it reads and what it makes at once, and some say more.
[[nodiscard]] std::optional<PlanProblem> plan_problem(const Component& stream, const Limits& limits);

}  // namespace vaerans
