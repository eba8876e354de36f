#include "core/chain/half_precision.hpp"

#include <algorithm>
#include <cstring>

#include "base/half.hpp"

namespace vaerans {
namespace {

std::uint16_t* halves(Arena& arena, const TensorRef& ref) { return reinterpret_cast<std::uint16_t*>(arena.data(ref)); }

// `to` may be where `from` is: a half is written after all floats before its place were read.
void round(const float* from, std::uint16_t* to, std::uint64_t n) {
  auto* const bytes = reinterpret_cast<std::byte*>(to);
  const auto* const source = reinterpret_cast<const std::byte*>(from);
  for (std::uint64_t i = 0; i < n; ++i) {
    float value = 0;
    std::memcpy(&value, source + i * sizeof(float), sizeof(float));
    const std::uint16_t half = to_half(value);
    std::memcpy(bytes + i * sizeof(half), &half, sizeof(half));
  }
}

TensorRef narrowed(Arena& arena, const TensorRef& ref, bool in_place) {
  const TensorRef target = in_place ? arena.narrowed(ref, DType::f16) : arena.alloc_tensor(ref.shape(), DType::f16);
  round(reinterpret_cast<const float*>(arena.data(ref)), halves(arena, target), ref.shape().elements());
  if (in_place) arena.release({Arena::range_of(target).end, Arena::range_of(ref).end});
  return target;
}

void set_data(Component& component, const TensorRef& data) {
  component.data = data;
  component.spec.dtype = data.dtype();
}

}  // namespace

bool holds_floats(const Component& component, DType dtype) noexcept {
  const Kind kind = component.spec.kind;
  return component.data.valid() && component.spec.dtype == dtype && (kind == Kind::planes || kind == Kind::bands);
}

TensorRef widen(Arena& arena, std::span<Component> components) {
  if (components.empty() || !holds_floats(components.front(), DType::f16)) return {};
  const TensorRef all = arena.alloc_tensor(components.front().data.shape().batched(components.size()), DType::f32);
  for (std::size_t i = 0; i < components.size(); ++i) {
    const TensorRef item = arena.subref_axis0(all, i);
    const std::uint16_t* const from = halves(arena, components[i].data);
    std::transform(from, from + item.shape().elements(), arena.view<float>(item).begin(), from_half);
    set_data(components[i], item);
  }
  return all;
}

void narrow(Arena& arena, std::span<Component> components, std::span<const TensorRef> shared) {
  std::vector<TensorRef> items;
  for (const auto& component : components) {
    if (holds_floats(component, DType::f32)) items.push_back(component.data);
  }
  const auto is_shared = [&](const TensorRef& item) {
    return std::ranges::any_of(shared, [&](const TensorRef& other) { return Arena::overlap(item, other); });
  };
  const bool in_place = std::ranges::none_of(items, is_shared);
  const TensorRef all = items.size() == components.size() ? arena.join_axis0(items) : TensorRef{};
  if (in_place && all.valid()) {
    const TensorRef batch = narrowed(arena, all, true);
    for (std::size_t i = 0; i < components.size(); ++i) set_data(components[i], arena.subref_axis0(batch, i));
    return;
  }
  for (auto& component : components) {
    if (holds_floats(component, DType::f32)) set_data(component, narrowed(arena, component.data, in_place));
  }
}

}  // namespace vaerans
