// Arena: one reservation of address space from which every tensor of a World is cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "vaerans/base/error.hpp"
#include "vaerans/core/deferred.hpp"
#include "vaerans/core/freed_memory.hpp"
#include "vaerans/core/tensor.hpp"

namespace vaerans {

/// A bump allocator over one anonymous mapping. Pages are committed when they are first touched, so a large
/// capacity costs address space only. All that is allocated begins at a multiple of 64 bytes and has its last 64 for
/// itself. Fresh memory is not cleared after a rewind. What release() gives back is used again before the fill level
/// grows.
///
/// Not synchronised: one thread allocates; any number may read and write distinct tensors.
class Arena {
 public:
  static constexpr std::size_t alignment = 64;

  /// A place to which rewind() can return.
  struct Mark {
    std::uint64_t used = 0;
    std::uint64_t moment = 0;  ///< how much had been taken from released memory before
  };
  /// Bytes [begin, end), from the arena's base.
  struct Range {
    std::uint64_t begin = 0, end = 0;
  };

  /// Reserves `bytes` of address space; throws Error(invalid_argument) for 0, Error(arena_full) if refused.
  explicit Arena(std::uint64_t bytes);

  /// Throws Error(shape) for empty or overflowing shapes and ArenaFull when it does not fit.
  [[nodiscard]] TensorRef alloc_tensor(const Shape& shape, DType dtype);

  /// Raw bytes that live as long as tensors allocated at the same time. For small values that need no destructor.
  /// Alignments up to 64.
  [[nodiscard]] std::byte* alloc_bytes(std::uint64_t bytes, std::size_t align = alignment);

  /// The elements of a tensor. Throws Error(dtype) for another element type, foreign_ref, stale_ref.
  template <typename T>
  [[nodiscard]] std::span<T> view(const TensorRef& ref) {
    require_dtype(ref, dtype_of<T>);
    return {reinterpret_cast<T*>(data(ref)), static_cast<std::size_t>(ref.bytes() / sizeof(T))};
  }
  /// The first byte of a tensor, after the same checks; deferred values are there then.
  [[nodiscard]] std::byte* data(const TensorRef& ref);

  /// `values` stand for the tensor's until somebody asks for the address of a part of it, by data() or view(), which
  /// fetches them: so a step may leave its result on a GPU, and the next one there takes it by deferred().
  void defer(const TensorRef& ref, std::shared_ptr<const DeferredValues> values);
  /// What stands for exactly this tensor; nullptr: its values are in memory.
  [[nodiscard]] std::shared_ptr<const DeferredValues> deferred(const TensorRef& ref) const;

  /// Item i of the first axis: no copy. Throws Error(shape) if i is out of range.
  [[nodiscard]] TensorRef subref_axis0(const TensorRef& ref, std::uint64_t i) const;

  /// The batch (n, …) that `items` form if they lie one after the other, in order; an invalid ref otherwise.
  [[nodiscard]] TensorRef join_axis0(std::span<const TensorRef> items) const;

  /// The first elements of a tensor under another shape: no copy. Throws Error(shape) if they are too few.
  [[nodiscard]] TensorRef prefix(const TensorRef& ref, const Shape& shape) const;
  /// The same of its bytes, under another element type.
  [[nodiscard]] TensorRef prefix(const TensorRef& ref, const Shape& shape, DType dtype) const;

  /// The first memory of a tensor under a smaller element type, as many elements: no copy, and no value is converted.
  [[nodiscard]] TensorRef narrowed(const TensorRef& ref, DType dtype) const;

  /// Gives back the tail of the most recent tensor: the tensor keeps its first `elements` elements, as rank 1.
  /// `ref` and its copies are not to be used any more: they reach into what is given back.
  [[nodiscard]] TensorRef shrink_last(const TensorRef& ref, std::uint64_t elements);

  /// Gives the pages that only this tensor fills back to the system: its values are lost (they read as zeros), but its
  /// address space stays taken. Tensors of fewer than discards_from bytes are not worth the call and are left alone.
  static constexpr std::uint64_t discards_from = 1U << 20;
  void discard(const TensorRef& ref);

  /// Gives memory back for reuse; tensors in it become stale. The caller answers for it that nobody needs it any more.
  void release(const TensorRef& ref);
  /// Where an allocation ends at the range's end, with what is left of its last 64 bytes.
  void release(const Range& range);
  /// Where memory lies in this arena; an empty range for memory that is not the arena's.
  [[nodiscard]] Range range_of(const void* data, std::uint64_t bytes) const noexcept;
  [[nodiscard]] static Range range_of(const TensorRef& ref) noexcept { return {ref.offset_, ref.offset_ + ref.bytes_}; }

  [[nodiscard]] Mark mark() const noexcept { return {used_, freed_.moment()}; }
  /// Everything allocated since becomes stale. Throws Error(invalid_argument) for a mark ahead of the fill level,
  /// unless a release() lowered that below the mark.
  void rewind(Mark mark);

  [[nodiscard]] std::uint64_t used() const noexcept { return used_; }           ///< the fill level
  [[nodiscard]] std::uint64_t free() const noexcept { return freed_.bytes(); }  ///< released bytes below it
  [[nodiscard]] std::uint64_t high_water() const noexcept { return high_water_; }
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::uint64_t left() const noexcept { return capacity_ - used_ + free(); }

  /// Throws Error(foreign_ref) or Error(stale_ref) unless the ref is live.
  void check(const TensorRef& ref) const;
  [[nodiscard]] bool live(const TensorRef& ref) const noexcept;  ///< what check() would accept
  /// Whether two tensors of this arena have bytes in common.
  [[nodiscard]] static bool overlap(const TensorRef& a, const TensorRef& b) noexcept {
    return a.arena_ == b.arena_ && a.offset_ < b.offset_ + b.bytes_ && b.offset_ < a.offset_ + a.bytes_;
  }

  /// Holds the mapping: a view handed to somebody else stays valid as long as this is kept.
  [[nodiscard]] std::shared_ptr<void> keep_alive() const noexcept { return mapping_; }

 private:
  struct Rewind {
    std::uint64_t epoch, used;
  };
  [[nodiscard]] std::uint64_t take(std::uint64_t bytes);
  void lower_to_free();
  void note_end(std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] std::uint8_t& tail(std::uint64_t at) const noexcept;  ///< for the line that holds this byte
  static void require_dtype(const TensorRef& ref, DType dtype);

  std::shared_ptr<void> mapping_;
  std::byte* base_ = nullptr;
  std::uint64_t capacity_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t high_water_ = 0;
  std::uint64_t lowered_from_ = 0;  ///< the highest fill level that a release has lowered
  std::uint64_t epoch_ = 1;
  std::uint32_t id_ = 0;
  std::uint64_t last_end_ = 0;   ///< end of the most recent allocation: what shrink_last() may shorten
  std::vector<Rewind> rewinds_;  ///< for stale_ref: increasing epochs, increasing `used`
  FreedMemory freed_;
  std::shared_ptr<void>
      tails_;  ///< a byte for each line of 64: how many of them an allocation has that ends there; or 0
  std::unique_ptr<DeferredMemory> deferred_ = std::make_unique<DeferredMemory>();
};

}  // namespace vaerans
