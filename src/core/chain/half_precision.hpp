// Context::dtype = f16: what lies between the steps is half as wide, what a step sees is float32.
#pragma once

#include <span>
#include <vector>

#include "vaerans/core/world.hpp"

namespace vaerans {

/// Whether a component is among those that f16 is about: latents, planes and coefficients. Parameters of quantisers
/// stay as they are, since an error in them is one in every coefficient.
[[nodiscard]] bool holds_floats(const Component& component, DType dtype) noexcept;

/// Gives the components of a group float32 values, neighbours in one new tensor, which is returned (an invalid one if
/// they were no halves).
TensorRef widen(Arena& arena, std::span<Component> components);

/// Rounds float32 components to halves where they lie, and gives the other half of their memory back. Components that
/// lie in one of `shared`, which somebody else needs, get new memory.
void narrow(Arena& arena, std::span<Component> components, std::span<const TensorRef> shared);

}  // namespace vaerans
