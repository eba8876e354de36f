// A World as Python holds it, and the guard against two threads in one world.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "bindings.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::python {

/// Long calls give up the GIL, so another Python thread could enter a world that is at work. The library leaves that to
/// its callers; a Python program must get an exception instead of broken memory.
class WorldObject : public World {
 public:
  using World::World;

 private:
  friend class Use;
  std::atomic<std::thread::id> user_{};
  int depth_ = 0;  ///< touched by the user's thread only
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

using WorldPtr = std::shared_ptr<WorldObject>;

}  // namespace vaerans::python
