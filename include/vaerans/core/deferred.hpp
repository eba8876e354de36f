// Values that are not in an arena yet, such as those in the memory of a GPU, and the places that wait for them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace vaerans {

/// A tensor's values where somebody left them.
class DeferredValues {
 public:
  DeferredValues() = default;
  virtual ~DeferredValues() = default;
  DeferredValues(const DeferredValues&) = delete;
  DeferredValues& operator=(const DeferredValues&) = delete;

  /// Copies all of them into memory. Throws Error(inference) where the device does not give them. May be called from
  /// any thread.
  virtual void fetch(std::span<std::byte> to) const = 0;
};

/// Which places of an arena wait for their values. Arena is its only user. Safe for several threads: where nothing
/// waits, which is nearly always, a question costs the reading of one number.
class DeferredMemory {
 public:
  using Values = std::shared_ptr<const DeferredValues>;

  void add(std::uint64_t begin, std::uint64_t end, Values values);
  /// What was added for exactly this place; nullptr: nothing, or it has been fetched.
  [[nodiscard]] Values find(std::uint64_t begin, std::uint64_t end) const;
  /// Brings what any part of [begin, end) waits for into memory that begins at `base`, and forgets about it.
  void fetch(std::byte* base, std::uint64_t begin, std::uint64_t end) {
    if (waits()) fetch_all(base, begin, end);
  }
  /// Nobody will ask for [begin, end) any more. What reaches beyond it is fetched first.
  void forget(std::byte* base, std::uint64_t begin, std::uint64_t end) {
    if (waits()) forget_all(base, begin, end);
  }

 private:
  struct Place {
    std::uint64_t begin, end;
    Values values;
    [[nodiscard]] bool overlaps(std::uint64_t from, std::uint64_t to) const noexcept {
      return begin < to && from < end;
    }
    void fetch(std::byte* base) const { values->fetch({base + begin, base + end}); }
  };
  [[nodiscard]] bool waits() const noexcept { return count_.load(std::memory_order_acquire) != 0; }
  void fetch_all(std::byte* base, std::uint64_t begin, std::uint64_t end);
  void forget_all(std::byte* base, std::uint64_t begin, std::uint64_t end);
  void drop(std::size_t i);

  mutable std::mutex mutex_;
  std::vector<Place> places_;
  std::atomic<std::size_t> count_{0};  ///< how many places_ there are, for who has not locked
};

}  // namespace vaerans
