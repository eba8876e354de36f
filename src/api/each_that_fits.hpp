// Several items at once, and one by one where memory is too short for all of them.
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "vaerans/base/error.hpp"
#include "vaerans/core/context.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Runs `work(places, failed)`, which adds the items that failed by their place. What it throws for lack of memory is
/// a failure of each of them, unless errors are to be raised.
template <typename Work>
[[nodiscard]] std::vector<Failure> failures_of(std::span<const std::size_t> places, const Context& context, Work work) {
  std::vector<Failure> failed;
  const auto short_of_memory = [&](const std::string& text) {
    failed.clear();
    for (const std::size_t place : places) failed.push_back({place, "memory", ErrorCode::arena_full, text});
  };
  try {
    work(places, &failed);
  } catch (const ArenaFull& error) {
    if (context.on_error == OnError::raise) throw;
    short_of_memory("there is not enough memory: " + std::to_string(error.asked) + " bytes were asked for");
  } catch (const std::bad_alloc&) {
    if (context.on_error == OnError::raise) throw;
    short_of_memory("there is not enough memory");
  }
  return failed;
}

/// The same, and each item that found no memory beside the others once more by itself, so that a large one costs none.
template <typename Work>
void each_that_fits(std::span<const std::size_t> places, const Context& context, std::vector<Failure>* failures,
                    Work work) {
  std::vector<Failure> failed;
  for (Failure& f : failures_of(places, context, work)) {
    const std::size_t place = f.entity;
    const bool again = f.code == ErrorCode::arena_full && places.size() > 1;
    auto left = again ? failures_of({&place, 1}, context, work) : std::vector<Failure>{std::move(f)};
    failed.insert(failed.end(), left.begin(), left.end());
  }
  if (failures != nullptr) failures->insert(failures->end(), failed.begin(), failed.end());
}

}  // namespace vaerans
