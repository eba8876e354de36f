#include "vaerans/core/freed_memory.hpp"

#include <algorithm>
#include <vector>

namespace vaerans {

void FreedMemory::cut_out(Intervals& intervals, std::uint64_t begin, std::uint64_t end) {
  auto at = intervals.lower_bound(begin);
  if (at != intervals.begin() && std::prev(at)->second.end > begin) --at;
  while (at != intervals.end() && at->first < end) {
    const auto [from, old] = *at;
    at = intervals.erase(at);
    if (from < begin) intervals.emplace(from, Interval{begin, old.stamp});
    if (old.end > end) intervals.emplace(end, Interval{old.end, old.stamp});
  }
}

void FreedMemory::erase_block(std::map<std::uint64_t, std::uint64_t>::iterator block) {
  const std::uint64_t size = block->second - block->first;
  by_size_.erase({size, block->first});
  bytes_ -= size;
  blocks_.erase(block);
}

void FreedMemory::insert_block(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return;
  blocks_.emplace(begin, end);
  by_size_.emplace(end - begin, begin);
  bytes_ += end - begin;
}

void FreedMemory::add(std::uint64_t begin, std::uint64_t end, std::uint64_t epoch) {
  if (begin >= end) return;
  cut_out(taken_, begin, end);
  cut_out(stale_, begin, end);
  stale_.emplace(begin, Interval{end, epoch});
  // Merge with what touches or overlaps it: memory that is freed twice is free once.
  auto at = blocks_.lower_bound(begin);
  if (at != blocks_.begin() && std::prev(at)->second >= begin) --at;
  while (at != blocks_.end() && at->first <= end) {
    begin = std::min(begin, at->first);
    end = std::max(end, at->second);
    erase_block(at++);
  }
  insert_block(begin, end);
}

std::optional<std::uint64_t> FreedMemory::take(std::uint64_t bytes, std::uint64_t align) {
  for (auto fit = by_size_.lower_bound({bytes, 0}); fit != by_size_.end(); ++fit) {
    const std::uint64_t begin = fit->second, end = begin + fit->first;
    const std::uint64_t start = (begin + align - 1) / align * align;
    if (start > end || bytes > end - start) continue;
    erase_block(blocks_.find(begin));
    insert_block(begin, start);
    insert_block(start + bytes, end);
    taken_.emplace(start, Interval{start + bytes, ++moment_});
    return start;
  }
  return std::nullopt;
}

bool FreedMemory::freed_since(std::uint64_t begin, std::uint64_t end, std::uint64_t epoch) const noexcept {
  auto at = stale_.lower_bound(begin);
  if (at != stale_.begin() && std::prev(at)->second.end > begin) --at;
  for (; at != stale_.end() && at->first < end; ++at) {
    if (at->second.stamp > epoch) return true;
  }
  return false;
}

std::optional<std::uint64_t> FreedMemory::cut_block_before(std::uint64_t end) {
  if (blocks_.empty() || blocks_.rbegin()->second != end) return std::nullopt;
  const auto last = std::prev(blocks_.end());
  const std::uint64_t begin = last->first;
  erase_block(last);
  return begin;
}

void FreedMemory::undo_since(std::uint64_t moment, std::uint64_t epoch) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> later;
  for (const auto& [begin, interval] : taken_) {
    if (interval.stamp > moment) later.emplace_back(begin, interval.end);
  }
  for (const auto& [begin, end] : later) add(begin, end, epoch);
}

void FreedMemory::forget_from(std::uint64_t used) {
  for (auto* const intervals : {&stale_, &taken_}) cut_out(*intervals, used, ~std::uint64_t{0});
  while (!blocks_.empty() && blocks_.rbegin()->second > used) {
    const std::uint64_t begin = blocks_.rbegin()->first;
    erase_block(std::prev(blocks_.end()));
    if (begin < used) insert_block(begin, used);
  }
}

}  // namespace vaerans
