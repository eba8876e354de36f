#include "vaerans/core/deferred.hpp"

#include <algorithm>
#include <utility>

namespace vaerans {

void DeferredMemory::add(std::uint64_t begin, std::uint64_t end, Values values) {
  const std::scoped_lock lock(mutex_);
  places_.push_back({begin, end, std::move(values)});
  count_.store(places_.size(), std::memory_order_release);
}

DeferredMemory::Values DeferredMemory::find(std::uint64_t begin, std::uint64_t end) const {
  if (!waits()) return nullptr;
  const std::scoped_lock lock(mutex_);
  const auto same = [&](const Place& place) { return place.begin == begin && place.end == end; };
  const auto found = std::ranges::find_if(places_, same);
  return found == places_.end() ? nullptr : found->values;
}

// Other threads may go on once they see the lower count, so that comes last: then the values are in memory.
void DeferredMemory::drop(std::size_t i) {
  places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(i));
  count_.store(places_.size(), std::memory_order_release);
}

void DeferredMemory::fetch_all(std::byte* base, std::uint64_t begin, std::uint64_t end) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = places_.size(); i-- > 0;) {
    if (!places_[i].overlaps(begin, end)) continue;
    places_[i].fetch(base);
    drop(i);
  }
}

void DeferredMemory::forget_all(std::byte* base, std::uint64_t begin, std::uint64_t end) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = places_.size(); i-- > 0;) {
    const Place& place = places_[i];
    if (!place.overlaps(begin, end)) continue;
    if (place.begin < begin || end < place.end) place.fetch(base);
    drop(i);
  }
}

}  // namespace vaerans
