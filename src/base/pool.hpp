// Pool: objects whose buffers are worth keeping between runs, so that a steady state allocates nothing.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace vaerans {

/// Thread-safe. What is borrowed comes back as it was left.
template <typename T>
class Pool {
 public:
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    ~Lease() { pool_.give_back(std::move(object_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<T> object_;
  };

  [[nodiscard]] Lease borrow() {
    const std::scoped_lock lock(mutex_);
    if (free_.empty()) return {*this, std::make_unique<T>()};
    auto object = std::move(free_.back());
    free_.pop_back();
    return {*this, std::move(object)};
  }

 private:
  void give_back(std::unique_ptr<T> object) {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(object));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace vaerans
