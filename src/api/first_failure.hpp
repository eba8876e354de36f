// The first that failed of several items that were all tried, named by its place.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "vaerans/base/text.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Throws the failure of the first place, from 0 on: "picture 2 of the list: …" for the kind "picture". Does nothing
/// where nothing failed.
inline void throw_first(const std::vector<Failure>& failures, std::string_view kind) {
  const auto first = std::ranges::min_element(failures, {}, &Failure::entity);
  if (first == failures.end()) return;
  throw Error(first->code, of_the_list(kind, first->entity, first->message));
}

}  // namespace vaerans
