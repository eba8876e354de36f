// How a World gives the memory of despawned entities back to its arena.
//
// Entities can share memory: the subbands of a group, a component that was set on two of them. So what a despawned
// entity held is first only written down (dead_), and now and then collect() takes out of it what the living reach and
// releases the rest. Nobody counts references while steps run, and a despawn costs little however many entities there
// are. Only what a despawned entity reached is ever released: memory that a caller took from the arena is never.
#include <algorithm>
#include <new>
#include <unordered_set>

#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

using Range = Arena::Range;

/// A component that its entity has no longer, and the one that it lost before.
struct Retired {
  Component component;
  TensorRef before;
};

void add(std::vector<Range>& ranges, const Range& range) {
  if (range.begin < range.end) ranges.push_back(range);
}

void add_subbands(std::vector<Range>& ranges, const Arena& arena, const Spec& spec) {
  add(ranges, arena.range_of(spec.subbands.data(), spec.subbands.size_bytes()));
}

/// Everything in the arena that a component needs: its tensor, its subbands, its trail.
void add_all(std::vector<Range>& ranges, const Arena& arena, const Component& component) {
  add(ranges, Arena::range_of(component.data));
  add_subbands(ranges, arena, component.spec);
  for (const TrailStep* node = component.trail; node != nullptr; node = node->previous) {
    const Range place = arena.range_of(node, sizeof(TrailStep));
    if (place.end == 0) return;  // rewound
    add(ranges, place);
    add(ranges, arena.range_of(node->side_info.data(), node->side_info.size()));
    add_subbands(ranges, arena, node->input);
  }
}

/// Sorted, and what touches or overlaps made one.
void normalize(std::vector<Range>& ranges) {
  std::ranges::sort(ranges, {}, &Range::begin);
  std::size_t kept = 0;
  for (const Range& range : ranges) {
    if (kept > 0 && range.begin <= ranges[kept - 1].end) {
      ranges[kept - 1].end = std::max(ranges[kept - 1].end, range.end);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

/// Calls free(begin, end) for what is in `dead` and not in `live`; both are normalized.
template <typename Free>
void subtract(const std::vector<Range>& dead, const std::vector<Range>& live, Free free) {
  std::size_t at = 0;
  for (const Range& range : dead) {
    std::uint64_t begin = range.begin;
    while (at < live.size() && live[at].end <= begin) ++at;
    for (std::size_t i = at; begin < range.end; ++i) {
      const bool none = i >= live.size() || live[i].begin >= range.end;
      if (none) {
        free(begin, range.end);
        break;
      }
      if (live[i].begin > begin) free(begin, live[i].begin);
      begin = std::max(begin, live[i].end);
    }
  }
}

}  // namespace

template <typename Visit>
void World::each_retired(const Life& life, Visit visit) {
  for (TensorRef place = life.retired; arena_.live(place);) {
    const auto* const retired = reinterpret_cast<const Retired*>(arena_.data(place));
    visit(retired->component, Arena::range_of(place));
    place = retired->before;
  }
}

void World::despawn(EntityId entity) {
  require_alive(entity);
  for (auto& [key, column] : columns_) {
    const auto found = column.find(entity);
    if (found == column.end()) continue;
    bury(found->second);
    column.erase(found);
  }
  each_retired(alive_.at(entity), [this](const Component& component, const Range& place) {
    bury(component);
    dead_.push_back(place);
  });
  alive_.erase(entity);
  // Often enough that memory for a step or two is always there, rarely enough that it costs next to nothing.
  const std::uint64_t worth_it = std::min(arena_.capacity() / 16, arena_.left() / 2);
  if (running_ == 0 && (alive_.empty() || dead_bytes_ >= worth_it)) collect();
}

void World::retire(EntityId entity, const Component& component) {
  Life& life = alive_.at(entity);
  try {
    const TensorRef place = arena_.alloc_tensor(Shape{sizeof(Retired)}, DType::u8);
    new (arena_.data(place)) Retired{component, life.retired};
    life.retired = place;
  } catch (const ArenaFull&) {  // then its memory stays taken until reset()
  }
}

void World::bury(const Component& component) {
  if (!arena_.live(component.data)) return;  // rewound: its trail may be overwritten by now
  const std::size_t before = dead_.size();
  add_all(dead_, arena_, component);
  for (std::size_t i = before; i < dead_.size(); ++i) dead_bytes_ += dead_[i].end - dead_[i].begin;
}

/// What components of the living need, those that they lost included: these are buried when their entity goes.
std::vector<Arena::Range> World::reached() {
  std::vector<Range> live;
  const auto add_live = [&](const Component& component) {
    if (arena_.live(component.data)) add_all(live, arena_, component);
  };
  for (const auto& [key, column] : columns_) {
    for (const auto& [entity, component] : column) add_live(component);
  }
  for (const auto& [entity, life] : alive_) {
    each_retired(life, [&](const Component& component, const Range& place) {
      add_live(component);
      live.push_back(place);
    });
  }
  return live;
}

void World::collect() {
  std::vector<Range> live = reached();
  normalize(live);
  normalize(dead_);
  subtract(dead_, live, [this](std::uint64_t begin, std::uint64_t end) { arena_.release(Range{begin, end}); });
  dead_.clear();
  dead_bytes_ = 0;
  drop_unused_systems();
}

// Those that no trail names and nobody else holds.
void World::drop_unused_systems() {
  std::unordered_set<const System*> named;
  for (const auto& [key, column] : columns_) {
    for (const auto& [entity, component] : column) {
      if (!arena_.live(component.data)) continue;
      for (const TrailStep* node = component.trail; node != nullptr; node = node->previous) named.insert(node->system);
    }
  }
  std::erase_if(kept_, [&](const auto& system) { return system.use_count() == 1 && !named.contains(system.get()); });
}

}  // namespace vaerans
