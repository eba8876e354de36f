#include "api/plan.hpp"

#include <cstdint>
#include <string>

#include "systems/memory_limit.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {
namespace {

std::uint64_t bytes_of(const Spec& spec) { return spec.shape.elements() * dtype_size(spec.dtype); }

std::string undoing(const TrailStep& step) {
  const auto inverse = step.system->inverse();
  return inverse == nullptr ? step.system->recipe() : inverse->recipe();
}

}  // namespace

void require_extents(std::uint64_t height, std::uint64_t width, const Limits& limits) {
  if (limits.allow_extents(height, width)) return;
  throw Error(ErrorCode::limit_exceeded, "the picture has " + std::to_string(height) + " x " + std::to_string(width) +
                                             " pixels; the limits are " + std::to_string(limits.max_pixels) + ", and " +
                                             std::to_string(limits.max_side) + " per side");
}

std::optional<PlanProblem> plan_problem(const Component& stream, const Limits& limits) {
  std::uint64_t inner = stream.data.bytes();
  for (const TrailStep* step = stream.trail; step != nullptr; step = step->previous) {
    const std::uint64_t outer = bytes_of(step->input);
    try {
      require_memory(inner + outer, limits);
      step->system->check_undo(*step, limits);
    } catch (const Error& error) {
      return PlanProblem{undoing(*step), error};
    }
    inner = outer;
  }
  return std::nullopt;
}

}  // namespace vaerans
