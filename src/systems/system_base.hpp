// What built-in systems share: descriptors, a check of pictures, and the walk over the entities of a group.
#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "base/memory.hpp"
#include "base/parallel.hpp"
#include "base/require.hpp"
#include "core/subbands.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/descriptor.hpp"
#include "vaerans/core/system.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {

/// Throws Error(shape), in the name of a system, for what is no picture (H, W, 3) or (H, W, 1) of u8 or u16.
inline void require_any_picture(const Spec& spec, const std::string& system) {
  const bool samples = spec.dtype == DType::u8 || spec.dtype == DType::u16;
  const bool shape = spec.shape.rank() == 3 && (spec.shape[2] == 1 || spec.shape[2] == 3);
  if (spec.kind == Kind::image && samples && shape) return;
  throw Error(ErrorCode::shape, system + " needs a picture (H, W, 3) or (H, W, 1), u8 or u16, not " + spec.shape.str() +
                                    " " + std::string(dtype_name(spec.dtype)));
}

/// Runs body(i) for every entity of a group on the pool; an Error fails that entity alone.
/// The body may take a slot, too, as body(i, slot): two entities that run at the same time have different slots.
template <typename Body>
void for_each_entity(Group& group, Body body) {
  parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t slot) {
    try {
      if constexpr (std::is_invocable_v<Body, std::size_t, std::size_t>) {
        body(i, slot);
      } else {
        body(i);
      }
    } catch (const Error& error) {
      group.fail(i, error);
    }
  });
}

/// A workspace in the arena for each of the slots of for_each_entity; kept by the world and used again.
class SlotWorkspaces {
 public:
  SlotWorkspaces(Group& group, std::string_view name, std::size_t bytes_each)
      : each_((bytes_each + kLine - 1) / kLine * kLine) {
    if (each_ == 0) return;
    const std::size_t slots = slot_count(group.context().threads, group.size());
    const TensorRef memory = group.world().scratch(name, Shape{each_ * slots}, DType::u8);
    all_ = std::as_writable_bytes(group.view<std::uint8_t>(memory));
  }
  [[nodiscard]] Workspace of_slot(std::size_t slot) const {
    return each_ == 0 ? Workspace() : Workspace(all_.subspan(slot * each_, each_));
  }

 private:
  static constexpr std::size_t kLine = 64;  // no two slots share a cache line
  std::size_t each_;
  std::span<std::byte> all_;
};

}  // namespace vaerans
