// Which picture of a folder a file of another folder was made from: the one at the same place, whatever its suffix.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace vaerans::cli {

class Originals {
 public:
  /// Throws UsageError unless it is a folder.
  explicit Originals(const std::string& folder);

  /// The picture for `place`, the path of a file within its own folder: of that very name if there is one, otherwise
  /// of that name with another suffix. Throws Error(io) where there is none, or more than one.
  [[nodiscard]] std::string of(const std::string& place) const;

 private:
  std::string folder_;
  std::map<std::string, std::vector<std::string>> by_stem_;
};

}  // namespace vaerans::cli
