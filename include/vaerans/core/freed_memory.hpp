// FreedMemory: what an arena got back below its fill level, and which tensors that made stale.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace vaerans {

/// Free blocks, neighbours merged, found by size; the smallest that fits is taken. Arena is its only user: it hands out
/// places in address space and touches no memory.
class FreedMemory {
 public:
  /// [begin, end) is free from now on; tensors that were made before `epoch` and lie in it are stale.
  void add(std::uint64_t begin, std::uint64_t end, std::uint64_t epoch);
  /// A place for `bytes` bytes, aligned; nullopt: no block is large enough.
  [[nodiscard]] std::optional<std::uint64_t> take(std::uint64_t bytes, std::uint64_t align);

  /// Whether memory in [begin, end) was freed after `epoch`.
  [[nodiscard]] bool freed_since(std::uint64_t begin, std::uint64_t end, std::uint64_t epoch) const noexcept;
  /// The free block that ends at `end`, taken out, for the arena to lower its fill level; nullopt: there is none.
  [[nodiscard]] std::optional<std::uint64_t> cut_block_before(std::uint64_t end);

  /// Grows with every take(); a later undo_since() frees what was taken after it.
  [[nodiscard]] std::uint64_t moment() const noexcept { return moment_; }
  void undo_since(std::uint64_t moment, std::uint64_t epoch);
  /// Forgets everything from `used` on: the arena's fill level has gone down to it.
  void forget_from(std::uint64_t used);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct Interval {
    std::uint64_t end = 0, stamp = 0;
  };
  using Intervals = std::map<std::uint64_t, Interval>;  ///< by begin; they do not overlap
  static void cut_out(Intervals& intervals, std::uint64_t begin, std::uint64_t end);
  void insert_block(std::uint64_t begin, std::uint64_t end);
  void erase_block(std::map<std::uint64_t, std::uint64_t>::iterator block);

  std::map<std::uint64_t, std::uint64_t> blocks_;              ///< begin → end
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_size_;  ///< (size, begin) of the same blocks
  Intervals stale_;                                            ///< what was freed, with the epoch of that
  Intervals taken_;                                            ///< what take() gave, with its moment
  std::uint64_t moment_ = 0, bytes_ = 0;
};

}  // namespace vaerans
