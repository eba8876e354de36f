// Memory for work, in one way. What is large and known before the work begins is drawn once, as a named buffer of the
// arena (World::scratch), and a Workspace cuts it into pieces. Lists whose length only the data tell are
// RecycledVectors. Neither takes memory from the heap in a steady state, and nothing else keeps memory between calls.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace vaerans {

/// Hands out a buffer front to back (the idea of zstd's zstd_cwksp.h). It owns nothing: a copy of a Workspace hands out
/// the same rest again, which is how a function gives its pieces back.
class Workspace {
 public:
  Workspace() = default;
  /// `memory` begins at a multiple of 8 bytes.
  explicit Workspace(std::span<std::byte> memory) noexcept : rest_(memory) {}

  /// n values of T. The buffer must have them: sum up bytes<T>(n) of all pieces before drawing it.
  template <typename T>
  [[nodiscard]] std::span<T> take(std::size_t n) noexcept {
    T* const first = reinterpret_cast<T*>(rest_.data());
    std::uninitialized_default_construct_n(first, n);
    rest_ = rest_.subspan(bytes<T>(n));
    return {first, n};
  }
  /// What take<T>(n) takes away.
  template <typename T>
  [[nodiscard]] static constexpr std::size_t bytes(std::size_t n) noexcept {
    static_assert(alignof(T) <= kAlignment);
    return (n * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }
  [[nodiscard]] std::size_t size() const noexcept { return rest_.size(); }

 private:
  static constexpr std::size_t kAlignment = 8;
  std::span<std::byte> rest_;
};

// Freed blocks of a thread, by powers of two, for its next allocations. What a thread keeps is bounded and goes when
// the thread ends.
class BlockCache {
 public:
  [[nodiscard]] static void* take(std::size_t bytes) {
    const unsigned size_class = class_of(bytes);
    if (size_class < kClasses && !gone) {
      BlockCache& cache = of_thread();
      if (Block* const block = cache.free_[size_class]; block != nullptr) {
        cache.free_[size_class] = block->next;
        cache.kept_ -= std::size_t{1} << size_class;
        return block;
      }
      return ::operator new(std::size_t{1} << size_class);
    }
    return ::operator new(bytes);
  }
  static void give_back(void* memory, std::size_t bytes) noexcept {
    const unsigned size_class = class_of(bytes);
    if (size_class >= kClasses || gone || of_thread().kept_ >= kMostKept) {
      ::operator delete(memory);
      return;
    }
    BlockCache& cache = of_thread();
    cache.free_[size_class] = new (memory) Block{cache.free_[size_class]};
    cache.kept_ += std::size_t{1} << size_class;
  }

  BlockCache() = default;
  ~BlockCache() {
    gone = true;
    for (Block* block : free_) {
      while (block != nullptr) {
        Block* const next = block->next;
        ::operator delete(block);
        block = next;
      }
    }
  }
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

 private:
  struct Block {
    Block* next;
  };
  static constexpr unsigned kClasses = 23;  // up to 4 MiB; larger blocks go straight to the heap
  static constexpr std::size_t kMostKept = std::size_t{32} << 20U;

  [[nodiscard]] static unsigned class_of(std::size_t bytes) noexcept {
    return static_cast<unsigned>(std::bit_width((bytes < 16 ? 16 : bytes) - 1));
  }
  [[nodiscard]] static BlockCache& of_thread() {
    thread_local BlockCache cache;
    return cache;
  }

  // Set when the thread's cache has been destroyed: objects that live longer go to the heap.
  inline static thread_local bool gone = false;
  std::array<Block*, kClasses> free_{};
  std::size_t kept_ = 0;
};

template <typename T>
class RecycledAllocator {
 public:
  using value_type = T;
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  RecycledAllocator() = default;
  template <typename U>
  // NOLINTNEXTLINE(google-explicit-constructor,misc-explicit-constructor): allocators convert
  RecycledAllocator(const RecycledAllocator<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t n) {
    if (n > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(BlockCache::take(n * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t n) noexcept {
    BlockCache::give_back(static_cast<void*>(memory), n * sizeof(T));
  }
  template <typename U>
  [[nodiscard]] bool operator==(const RecycledAllocator<U>&) const noexcept {
    return true;
  }
};

/// A vector whose memory comes from, and goes back to, the blocks that its thread keeps.
template <typename T>
using RecycledVector = std::vector<T, RecycledAllocator<T>>;
using ByteBuffer = RecycledVector<std::byte>;

}  // namespace vaerans
