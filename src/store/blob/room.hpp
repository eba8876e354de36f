// A RecycledVector for results whose every value is written: setting them to 0 first would take longer than the work.
#pragma once

#include <new>
#include <utility>
#include <vector>

#include "base/memory.hpp"

namespace vaerans::blob {

/// For room that is written before it is read: a length gives values that are not set.
template <typename T>
class RoomAllocator : public RecycledAllocator<T> {
 public:
  template <typename U>
  struct rebind {
    using other = RoomAllocator<U>;
  };
  RoomAllocator() = default;
  template <typename U>
  // NOLINTNEXTLINE(google-explicit-constructor,misc-explicit-constructor): allocators convert
  RoomAllocator(const RoomAllocator<U>&) noexcept {}

  template <typename U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
  template <typename U, typename... Args>
  void construct(U* at, Args&&... args) {
    ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
  }
};
template <typename T>
using RecycledRoom = std::vector<T, RoomAllocator<T>>;

}  // namespace vaerans::blob
