#include "api/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "format/header.hpp"
#include "systems/memory_limit.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {
namespace {

std::uint64_t bytes_of(const Spec& spec) { return spec.shape.elements() * dtype_size(spec.dtype); }

std::string undoing(const TrailStep& step) {
  const auto inverse = step.system->inverse();
  return inverse == nullptr ? step.system->recipe() : inverse->recipe();
}

std::uint64_t stream_bytes(const Component& stream) {
  std::uint64_t out = stream.data.bytes();
  for (const TrailStep* step = stream.trail; step != nullptr; step = step->previous) out += step->side_info.size();
  return out;
}

Error too_slow(std::uint64_t pixels, std::uint64_t bytes, const Limits& limits) {
  return {ErrorCode::limit_exceeded,
          "undoing the steps takes as long as decoding " + std::to_string(pixels) + " pixels, but there are only " +
              std::to_string(bytes) + " bytes; the limit is " + std::to_string(limits.max_pixels_per_byte) +
              " pixels per byte (max_pixels_per_byte) beyond the first 16 megapixels; raise it for a file that you "
              "trust"};
}

// The file's size was held against the picture's own pixels when its header was read. Names the slowest step.
std::optional<PlanProblem> time_problem(const Component& stream, const Limits& limits) {
  std::uint64_t pixels = 0, most = 0;
  const TrailStep* slowest = stream.trail;
  for (const TrailStep* step = stream.trail; step != nullptr; step = step->previous) {
    const std::uint64_t own = step->system->undo_pixels(*step);
    pixels += own;
    if (own > most) slowest = step;
    most = std::max(most, own);
  }
  const std::uint64_t bytes = stream_bytes(stream);
  if (pixels <= pixels_of(source_of(stream)) || limits.allow_expansion(pixels, bytes)) return std::nullopt;
  return PlanProblem{undoing(*slowest), too_slow(pixels, bytes, limits)};
}

Error beside(const Error& error, const Held& held) {
  if (held.bytes == 0 || error.code() != ErrorCode::limit_exceeded) return error;
  return {error.code(), std::string(error.what()) + " (what is left beside " + std::to_string(held.bytes) +
                            " bytes of the file's other pictures)"};
}

}  // namespace

Limits Held::left_of(Limits limits) const noexcept {
  limits.max_memory -= std::min(limits.max_memory, bytes);
  return limits;
}

const Spec& source_of(const Component& stream) {
  const TrailStep* step = stream.trail;
  if (step == nullptr)
    throw Error(ErrorCode::contract, "this component was not made by a chain; nothing can be written");
  while (step->previous != nullptr) step = step->previous;
  return step->input;
}

std::uint64_t source_bytes(const Component& stream) { return bytes_of(source_of(stream)); }

void require_undo_time(const Component& stream, const Limits& limits) {
  if (const auto problem = time_problem(stream, limits)) throw Error(problem->error);
}

void require_extents(std::uint64_t height, std::uint64_t width, const Limits& limits) {
  if (limits.allow_extents(height, width)) return;
  throw Error(ErrorCode::limit_exceeded, "the picture has " + std::to_string(height) + " x " + std::to_string(width) +
                                             " pixels; the limits are " + std::to_string(limits.max_pixels) + ", and " +
                                             std::to_string(limits.max_side) + " per side");
}

std::optional<PlanProblem> plan_problem(const Component& stream, const Limits& limits, const Held& held) {
  const Limits left = held.left_of(limits);
  std::uint64_t inner = stream.data.bytes();
  for (const TrailStep* step = stream.trail; step != nullptr; step = step->previous) {
    const std::uint64_t outer = bytes_of(step->input);
    try {
      require_memory(inner + outer, left);
      step->system->check_undo(*step, left);
    } catch (const Error& error) {
      return PlanProblem{undoing(*step), beside(error, held)};
    }
    inner = outer;
  }
  return time_problem(stream, limits);
}

}  // namespace vaerans
