// Where models are looked for.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include "base/files/small_file.hpp"
#include "base/hash.hpp"
#include "models/card/diffusers_config.hpp"
#include "models/generations/find.hpp"
#include "models/generations/index.hpp"
#include "models/hf_cache.hpp"
#include "models/known.hpp"
#include "models/lookup.hpp"
#include "models/model.hpp"
#include "models/registered.hpp"
#include "onnx/graph/file.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace models {
namespace {

using onnx::Execution;
using onnx::graph_stamp;
using onnx::Session;

namespace fs = std::filesystem;

/// A folder that was named as such, and the name that its model then has.
struct Opened {
  std::string name, folder;
  Origin origin;
};

/// The folders that were read.
struct State {
  std::mutex mutex;
  std::map<std::string, std::pair<std::string, std::shared_ptr<const Model>>> read;  ///< folder → (stamp, model)
  std::vector<Opened> opened;                                                        ///< the last one at the end
};

State& state() {
  static auto& instance = *new State;
  return instance;
}

/// The folder without detours, but under the name it was called by: that name may be the model's.
fs::path tidy(const fs::path& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

/// Changes when a file of the model does.
std::string stamp_of(const fs::path& folder, const Model& model) {
  std::string stamp = file_stamp(folder / card_file) + "|" + graph_stamp(model.encoder) + "|" +
                      graph_stamp(model.decoder) + "|" + graph_stamp(model.gradient) + "|" + usual_encoder(folder);
  for (const char* place : config_places) stamp += "|" + file_stamp(folder / place);
  return stamp;
}

void note_opened(const std::shared_ptr<const Model>& model, const Origin& origin) {
  const std::scoped_lock lock(state().mutex);
  auto& opened = state().opened;
  std::erase_if(opened, [&](const Opened& one) { return one.folder == model->info.folder; });
  opened.push_back({model->info.name, model->info.folder, origin});
}

/// Names of all models on the path, and of registered ones, sorted; of those whose cards cannot be read the folders'.
std::set<std::string> names_on_path() {
  const auto registered = registered_names();
  std::set<std::string> names(registered.begin(), registered.end());
  const Index index = index_models();
  for (const ModelGeneration& one : index.stated) names.insert(one.name);
  for (const fs::path& folder : index.bare) names.insert(folder.filename().string());
  for (const BrokenModel& one : index.broken) names.insert(one.name);
  std::erase_if(names, [](const std::string& name) { return !is_model_name(name); });
  return names;
}

std::string export_command(std::string_view repository) {
  return "`python -m vaerans_ecs.models export " + std::string(repository) + "`";
}

[[noreturn]] void not_found(std::string_view name) {
  std::ostringstream text;
  const std::string problem = reference_problem(name);
  text << "no model '" << name << "'" << (problem.empty() ? "" : ": ") << problem;
  if (is_hash(name)) text << " (a decoder's hash is called '@" << name << "')";
  text << ". Models that are there:";
  const auto names = names_on_path();
  for (const std::string& known : names) text << " " << known;
  if (names.empty()) text << " none";
  text << ". Looked in:";
  for (const std::string& root : model_paths()) text << "\n  " << root;
  if (!problem.empty()) throw Error(ErrorCode::model_not_found, text.str());
  text
      << "\nTo add one, put a folder '" << name
      << "' with encoder.onnx and decoder.onnx (and a model.json) into one of "
      << "these, let VAERANS_MODEL_PATH name the folder that holds it, or give the folder itself as a path with a '/'. "
      << "A model that a program runs itself (vaerans_ecs.models.CallableVAE) has to be registered under its name.";
  if (const KnownModel* known = find_known_name(name)) {
    text << "\n'" << name << "' is published as " << known->repository << " (licence " << known->licence
         << "); this makes it: " << export_command(known->repository) << ".";
  }
  throw Error(ErrorCode::model_not_found, text.str());
}

/// A snapshot in the cache of Hugging Face's tools.
std::shared_ptr<const Model> open_snapshot(const Snapshot& snapshot) {
  if (!has_model_files(snapshot.folder)) {
    throw Error(ErrorCode::model_not_found, snapshot.folder.string() +
                                                ": the cache has this repository, but no ONNX graphs of an encoder and "
                                                "a decoder in it. Make them: " +
                                                export_command(snapshot.repository));
  }
  const Origin origin = origin_of(snapshot);
  auto model = read_folder(snapshot.folder, origin);
  note_opened(model, origin);
  return model;
}

/// By a known model's repository, or by any repository of this name.
Snapshot snapshot_of_name(std::string_view name) {
  if (const KnownModel* known = find_known_name(name)) {
    Snapshot found = find_snapshot(known->repository);
    if (!found.folder.empty() && has_model_files(found.folder)) return found;
  }
  return find_snapshot_by_name(name);
}

std::shared_ptr<const Model> open_repository(std::string_view repository) {
  const Snapshot snapshot = find_snapshot(repository);
  if (!snapshot.folder.empty()) return open_snapshot(snapshot);
  throw Error(ErrorCode::model_not_found,
              "no model '" + std::string(repository) + "': there is neither such a folder (" +
                  tidy(repository).string() + ") nor this repository in the cache " + hub_folder().string() +
                  ". Nothing is downloaded here; this does it: " + export_command(repository));
}

std::shared_ptr<const Model> open_given_folder(std::string_view text) {
  const fs::path folder = tidy(text);
  std::error_code error;
  if (!fs::is_directory(folder, error) && is_repository_id(text)) return open_repository(text);
  if (!fs::is_directory(folder, error)) {
    throw Error(ErrorCode::model_not_found, "no model folder " + folder.string() + ": it does not exist");
  }
  if (!has_model_files(folder)) {
    throw Error(ErrorCode::model_invalid, folder.string() +
                                              ": not a model: it holds neither model.json nor encoder.onnx "
                                              "and decoder.onnx (nor vae_encoder/ and vae_decoder/)");
  }
  auto model = read_folder(folder);
  note_opened(model, {});
  return model;
}

std::shared_ptr<const Model> open_on_path(const fs::path& folder, std::string_view name) {
  if (!is_model_name(name)) {
    throw Error(ErrorCode::model_invalid,
                folder.string() +
                    ": a folder on the path is a model by its name, which is made of letters, digits, '-', '_' and "
                    "'.'; rename it, or give the folder as a path with a '/'");
  }
  auto model = read_folder(folder);
  if (model->info.name == name) return model;
  throw Error(ErrorCode::model_invalid, folder.string() + ": the card names the model '" + model->info.name +
                                            "'; ask for it by that name, or rename the folder so that both agree");
}

/// A folder that was opened as such in this process is known by its name, too: recipes hold names only.
std::pair<std::string, Origin> opened_before(std::string_view name) {
  const std::scoped_lock lock(state().mutex);
  for (auto one = state().opened.rbegin(); one != state().opened.rend(); ++one) {
    if (one->name == name) return {one->folder, one->origin};
  }
  return {};
}

}  // namespace

std::shared_ptr<const Model> read_folder(const fs::path& folder, const Origin& origin) {
  {
    const std::scoped_lock lock(state().mutex);
    const auto found = state().read.find(folder.string());
    if (found != state().read.end()) {
      const auto& [stamp, model] = found->second;
      if (stamp == stamp_of(folder, *model)) return model;
    }
  }
  const bool has_card = is_there(folder / card_file);
  auto model = std::make_shared<const Model>(has_card ? read_card(folder) : derive_card(folder, origin));
  const std::scoped_lock lock(state().mutex);
  state().read[folder.string()] = {stamp_of(folder, *model), model};
  return model;
}

std::vector<std::pair<fs::path, Origin>> opened_folders(std::string_view name, bool named) {
  const std::scoped_lock lock(state().mutex);
  std::vector<std::pair<fs::path, Origin>> out;
  for (auto one = state().opened.rbegin(); one != state().opened.rend(); ++one) {
    if ((one->name == name) == named) out.emplace_back(one->folder, one->origin);
  }
  return out;
}

Origin origin_of(const Snapshot& snapshot) {
  return {model_name_of(snapshot.repository), snapshot.repository, snapshot.commit};
}

bool means_folder(std::string_view text) noexcept {
  return text.find('/') != std::string_view::npos || text == "." || text == "..";
}

bool has_model_files(const fs::path& folder) {
  return is_there(folder / card_file) || !usual_encoder(folder).empty() || !usual_decoder(folder).empty();
}

std::shared_ptr<const Model> open_model(std::string_view name_or_folder) {
  if (means_folder(name_or_folder)) return open_given_folder(name_or_folder);
  if (name_or_folder.empty()) not_found(name_or_folder);
  if (auto registered = find_registered(name_or_folder)) return registered;
  const ModelReference wanted = parse_reference(name_or_folder);
  if (!wanted.hash.empty() && !is_model_name(name_or_folder)) return find_by_hash(wanted);
  for (const std::string& root : model_paths()) {
    const fs::path folder = tidy(fs::path(root) / name_or_folder);
    if (has_model_files(folder)) return open_on_path(folder, name_or_folder);
  }
  const auto [folder, origin] = opened_before(name_or_folder);
  if (!folder.empty() && has_model_files(folder)) return read_folder(folder, origin);
  if (!wanted.hash.empty()) return find_by_hash(wanted);
  const Index index = index_models();
  if (const ModelGeneration* newest = newest_of(index, name_or_folder)) return read_folder(newest->folder);
  const Snapshot snapshot = snapshot_of_name(name_or_folder);
  if (snapshot.folder.empty()) not_found(name_or_folder);
  return open_snapshot(snapshot);
}

std::shared_ptr<const ModelHalf> open_encoder(const Model& model, const Execution& execution) {
  if (model.given_encoder) return model.given_encoder;
  if (!model.encoder.path.empty()) return Session::open(model.encoder, execution);
  throw Error(ErrorCode::model_invalid, (model.info.folder.empty() ? model.info.name : model.info.folder) +
                                            ": this copy of the model has no encoder, it decodes only");
}

std::shared_ptr<const ModelHalf> open_decoder(const Model& model, const Execution& execution) {
  if (model.given_decoder) return model.given_decoder;
  if (!model.decoder.path.empty()) return Session::open(model.decoder, execution);
  throw Error(ErrorCode::model_invalid, model.info.name + ": the model was registered without a decoder");
}

std::shared_ptr<const ModelHalf> open_gradient(const Model& model, const Execution& execution) {
  if (model.given_gradient || model.gradient.path.empty()) return model.given_gradient;
  return Session::open(model.gradient, execution);
}

}  // namespace models

ModelInfo find_model(std::string_view name_or_folder) { return models::open_model(name_or_folder)->info; }

std::vector<ModelInfo> list_models(std::vector<BrokenModel>* broken) {
  std::vector<ModelInfo> list;
  for (const std::string& name : models::names_on_path()) {
    try {
      list.push_back(find_model(name));
    } catch (const std::exception& problem) {
      if (broken != nullptr) broken->push_back({name, problem.what()});
    }
  }
  return list;
}

std::vector<ModelGeneration> list_generations(std::vector<BrokenModel>* broken) {
  models::Index index = models::index_models();
  if (broken != nullptr) *broken = std::move(index.broken);
  for (ModelGeneration& one : index.stated) one.newest = models::newest_of(index, one.name)->folder == one.folder;
  return index.stated;
}

}  // namespace vaerans
