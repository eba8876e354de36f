// Errors of tiles that are decoded on several threads: whichever fail first in time, the first in order is reported.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "vaerans/base/error.hpp"

namespace vaerans {

class FirstError {
 public:
  /// Where there is no more than one place errors pass as they are: there is nothing to tell apart.
  explicit FirstError(std::size_t places) : errors_(places > 1 ? places : 0) {}

  /// Does the work of a tile and keeps its error. Safe for several tiles at one time.
  template <typename Work>
  void guard(std::size_t place, Work work) {
    if (errors_.empty()) return work();
    try {
      work();
    } catch (const Error& error) {
      errors_[place] = error;
    }
  }
  void raise() const {
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (errors_[i]) throw Error(errors_[i]->code(), "tile " + std::to_string(i) + ": " + errors_[i]->what());
    }
  }

 private:
  std::vector<std::optional<Error>> errors_;
};

}  // namespace vaerans
