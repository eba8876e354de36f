#include "models/generations/find.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/files/small_file.hpp"
#include "models/generations/index.hpp"
#include "models/hf_cache.hpp"
#include "models/lookup.hpp"
#include "models/registered.hpp"
#include "onnx/graph/file.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;
using ModelPtr = std::shared_ptr<const Model>;

/// One search: the first place that has the weights ends it, and what was wrong with others on the way is kept.
class Search {
 public:
  explicit Search(const ModelReference& wanted) : wanted_(wanted) {}

  ModelPtr run() {
    if (auto model = find_registered_by_hash(wanted_.hash)) return model;
    index_ = index_models();
    // The same weights may lie there under two names, with other scaling.
    if (auto model = in_places(true)) return model;
    if (auto model = in_places(false)) return model;
    for (const Snapshot& one : snapshots_of_name(wanted_.name)) {
      if (auto model = in_bare(one.folder, origin_of(one))) return model;
    }
    return nullptr;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  [[nodiscard]] bool is_wanted(std::string_view hash) const { return hash.starts_with(wanted_.hash); }

  /// Whatever is wrong with a place, the others count all the same.
  template <typename Read>
  ModelPtr attempt(Read read) {
    try {
      return read();
    } catch (const std::exception& error) {
      if (problem_.empty()) problem_ = error.what();
      return nullptr;
    }
  }

  /// Those of the wanted name, or the others.
  ModelPtr in_places(bool named) {
    if (auto model = in_cards(named)) return model;
    for (const auto& [folder, origin] : opened_folders(wanted_.name, named)) {
      if (auto model = in_bare(folder, origin)) return model;
    }
    for (const fs::path& folder : index_.bare) {
      if ((folder.filename() == wanted_.name) != named) continue;
      if (auto model = in_bare(folder, {})) return model;
    }
    return nullptr;
  }

  ModelPtr in_cards(bool named) {
    for (const ModelGeneration& one : index_.stated) {
      if (!is_wanted(one.hash) || (one.name == wanted_.name) != named) continue;
      auto model = attempt([&] { return read_folder(one.folder); });
      if (model && is_wanted(model->info.hash)) return model;
    }
    return nullptr;
  }

  /// The decoder is hashed before anything is made of the folder, which would run its graphs.
  ModelPtr in_bare(const fs::path& folder, const Origin& origin) {
    const std::string decoder = usual_decoder(folder);
    if (is_there(folder / card_file) || decoder.empty()) {
      auto model = has_model_files(folder) ? attempt([&] { return read_folder(folder, origin); }) : nullptr;
      return model && is_wanted(model->info.hash) ? model : nullptr;
    }
    const auto hash = attempt_hash(folder / decoder);
    return is_wanted(hash) ? attempt([&] { return read_folder(folder, origin); }) : nullptr;
  }

  static std::string attempt_hash(const fs::path& decoder) {
    try {
      return onnx::weights_hash(onnx::read_graph_file(decoder));
    } catch (const std::exception&) {
      return {};  // whose it is cannot be told, so its problem is none of this search
    }
  }

  const ModelReference& wanted_;
  Index index_;
  std::string problem_;
};

/// A model of the name that has other weights tells what happened better than a list of names.
[[noreturn]] void refuse(const ModelReference& wanted) {
  const std::string remedy = "Get that generation: " + fetch_command(wanted.hash);
  try {
    const ModelInfo info = open_model(wanted.name)->info;
    throw Error(ErrorCode::model_mismatch,
                other_weights(wanted.hash, info) + ", and no other model that is here has it. " + remedy);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::model_not_found) throw;
    throw Error(ErrorCode::model_not_found,
                std::string(error.what()) + "\nThe decoder's SHA-256 begins with " + wanted.hash + ". " + remedy + ".");
  }
}

}  // namespace

std::shared_ptr<const Model> find_by_hash(const ModelReference& wanted) {
  Search search(wanted);
  if (auto model = search.run()) return model;
  if (!search.problem().empty()) {
    throw Error(ErrorCode::model_invalid, "the model with the decoder " + wanted.hash + "… cannot be used: " +
                                              search.problem() + " Or get it anew: " + fetch_command(wanted.hash));
  }
  if (wanted.name.empty()) {
    throw Error(ErrorCode::model_not_found, "no model whose decoder's SHA-256 begins with " + wanted.hash +
                                                ". Get it: " + fetch_command(wanted.hash));
  }
  refuse(wanted);
}

}  // namespace vaerans::models
