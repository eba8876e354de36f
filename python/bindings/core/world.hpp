// A World as Python holds it, and the guard against two threads in one world.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "bindings.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::python {

class WorldObject;

/// An arena as Python holds it: one of its own, or a world's, which is used as the world is.
struct ArenaObject {
  std::unique_ptr<Arena> own;    ///< nullptr: the world's
  WorldObject* world = nullptr;  ///< which it is a part of; nullptr: nobody's
};

/// Long calls give up the GIL, so another Python thread could enter a world that is at work. The library leaves that to
/// its callers; a Python program must get an exception instead of broken memory.
class WorldObject : public World {
 public:
  using World::World;

  [[nodiscard]] ArenaObject& arena_object() noexcept { return arena_object_; }

 private:
  friend class Use;
  std::atomic<std::thread::id> user_{};
  int depth_ = 0;  ///< touched by the user's thread only
  ArenaObject arena_object_{nullptr, this};
};

/// Holds a world for the calling thread; a Python system may enter the world that runs it again.
class Use {
 public:
  explicit Use(WorldObject& world) : world_(world) {
    auto free = std::thread::id{};
    const auto self = std::this_thread::get_id();
    if (!world_.user_.compare_exchange_strong(free, self) && free != self) {
      throw Error(ErrorCode::invalid_argument,
                  "this World is at work in another thread; use one World for each thread");
    }
    ++world_.depth_;
  }
  ~Use() {
    if (--world_.depth_ == 0) world_.user_.store(std::thread::id{});
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  WorldObject& world_;
};

/// The arena, held for the calling thread where a world uses it.
class ArenaUse {
 public:
  explicit ArenaUse(const ArenaObject& object) : arena_(object.own ? *object.own : object.world->arena()) {
    if (object.world != nullptr) use_.emplace(*object.world);
  }
  Arena* operator->() const noexcept { return &arena_; }
  Arena& operator*() const noexcept { return arena_; }

 private:
  Arena& arena_;
  std::optional<Use> use_;
};

using WorldPtr = std::shared_ptr<WorldObject>;

}  // namespace vaerans::python
