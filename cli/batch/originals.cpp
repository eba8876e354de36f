#include "batch/originals.hpp"

#include <algorithm>
#include <filesystem>

#include "files/folders.hpp"
#include "report.hpp"

namespace vaerans::cli {
namespace {

namespace fs = std::filesystem;

std::string stem_of(const std::string& place) { return fs::path(place).replace_extension().string(); }

}  // namespace

Originals::Originals(const std::string& folder) : folder_(folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw UsageError("with -r the originals are in a folder, and " + folder + " is none");
  FolderOptions all;
  all.recursive = true;
  for (const auto& [file, place, problem] : plan_inputs({folder}, all, &is_picture_name))
    if (problem.empty()) by_stem_[stem_of(place)].push_back(place);
}

std::string Originals::of(const std::string& place) const {
  const auto found = by_stem_.find(stem_of(place));
  if (found == by_stem_.end())
    throw Error(ErrorCode::io, "there is no picture of this name in " + folder_ + " to compare with");
  const auto& places = found->second;
  const bool same_name = std::ranges::count(places, place) > 0;
  if (places.size() > 1 && !same_name)
    throw Error(ErrorCode::io, "both " + places[0] + " and " + places[1] + " in " + folder_ + " could be its original");
  return (fs::path(folder_) / (same_name ? place : places[0])).string();
}

}  // namespace vaerans::cli
