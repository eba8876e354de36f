// Finds the quantiser step of a chain, replaces it, and searches for the step that meets a size.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// The index of the chain's quantize(step=…); throws Error(contract) if it has none or several.
[[nodiscard]] std::size_t quantizer_of(const Pipeline& pipeline);

/// Whether there is one.
[[nodiscard]] bool has_quantizer(const Pipeline& pipeline) noexcept;

/// The index of the first step that the step size says something to: the quantiser, or one before it that follows it.
/// What stands before is the same for all sizes. Throws as quantizer_of().
[[nodiscard]] std::size_t first_by_step(const Pipeline& pipeline);

/// The same chain with another step size, in all steps that follow it.
[[nodiscard]] Pipeline with_step(const Pipeline& pipeline, double step);

/// The component that the quantiser reads.
[[nodiscard]] const std::string& coefficients_key(const Pipeline& pipeline);

/// The file that the steps of a pipeline from `first` on make of an entity; the arena is as it was.
[[nodiscard]] Bytes file_from(World& world, EntityId entity, const Pipeline& pipeline, std::size_t first,
                              const Context& context);

/// How a search runs its trials: without a trace, errors are raised, and what one trial consumes the next finds again.
[[nodiscard]] Context trial_context(const Context& context);

/// A file, and the step that its quantiser has.
struct FileAtStep {
  Bytes file;
  double step = 0;
};

/// Brings an entity that stands before the quantiser to the finest step whose file has at most `bytes` bytes. `scale`
/// is the standard deviation of what is quantised. Throws Error(invalid_argument) if no step is coarse enough.
[[nodiscard]] FileAtStep search_step(World& world, EntityId entity, const Pipeline& pipeline, std::uint64_t bytes,
                                     double scale, const Context& context);

}  // namespace vaerans
