// Models of the user: copied into their data folder, and removed from it.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "models/card/diffusers_config.hpp"
#include "models/generations/reference.hpp"
#include "models/model.hpp"
#include "models/store/draft.hpp"
#include "models/verify.hpp"
#include "onnx/graph/file.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace models {
namespace {

using onnx::ExternalFile;
using onnx::GraphFile;

namespace fs = std::filesystem;
using nlohmann::ordered_json;

[[noreturn]] void io(const std::string& what, const std::error_code& error) {
  throw Error(ErrorCode::io, what + ": " + error.message());
}

void check_name(const std::string& name) {
  if (is_model_name(name)) return;
  throw Error(ErrorCode::bad_parameter,
              "a model's name is made of letters, digits, '-', '_' and '.'; this is '" + name + "'");
}

/// All that belongs to the model, relative to its folder.
std::set<fs::path> files_of(const Model& model) {
  const fs::path folder = model.info.folder;
  std::set<fs::path> files;
  for (const GraphFile* graph : {&model.encoder, &model.decoder, &model.gradient}) {
    if (graph->path.empty()) continue;
    const fs::path own = fs::path(graph->path).lexically_relative(folder);
    files.insert(own);
    for (const ExternalFile& file : graph->external) files.insert(own.parent_path() / file.location);
  }
  if (!model.info.prior_path.empty()) files.insert(fs::path(model.info.prior_path).lexically_relative(folder));
  std::error_code error;
  for (const char* name : {"LICENSE", "LICENSE.md", "LICENSE.txt", "README.md"}) {
    if (fs::is_regular_file(folder / name, error)) files.insert(name);
  }
  for (const char* place : config_places) {
    if (fs::is_regular_file(folder / place, error)) files.insert(place);
  }
  return files;
}

/// Contents, not links: those of the Hugging Face cache lead to files that its tools may clear away.
void copy_files(const Model& model, const fs::path& to) {
  for (const fs::path& file : files_of(model)) {
    std::error_code error;
    fs::create_directories((to / file).parent_path(), error);
    fs::copy_file(fs::path(model.info.folder) / file, to / file, error);
    if (error) io("cannot copy " + file.string() + " to " + to.string(), error);
  }
}

void write_card(const fs::path& folder, const ordered_json& card) {
  std::ofstream out(folder / card_file, std::ios::binary);
  out << card.dump(2) << "\n";
  out.close();
  if (!out) throw Error(ErrorCode::io, "cannot write " + (folder / card_file).string());
}

ordered_json card_for(const ModelInfo& info, const std::string& name) {
  ordered_json card = ordered_json::parse(info.card_json);
  card["name"] = name;
  std::string recipe = info.default_recipe;
  const std::string own = "vae(" + info.name;
  if (const auto at = recipe.find(own); at != std::string::npos) recipe.replace(at, own.size(), "vae(" + name);
  card["default_recipe"] = recipe;
  return card;
}

/// The draft must be a model that works. Where nobody says how latents are scaled, their measured spread is noted: the
/// quality scale is relative to it.
void check_draft(const fs::path& folder, ordered_json& card, bool scaling_stated) {
  const ModelReport first = verify(read_card(folder));
  const bool measure = !scaling_stated && first.latent_std > 0;
  if (measure) {
    card["latent_std"] = first.latent_std;
    write_card(folder, card);
  }
  const ModelReport report = measure ? verify(read_card(folder)) : first;
  if (report.passed()) return;
  throw Error(ErrorCode::model_invalid,
              "the model '" + report.model.name + "' does not pass its check and was not added:\n" + failures(report));
}

/// Those in the user's folder, in order, whose name and hash agree with a reference: fetched ones are called NAME@HASH.
std::vector<fs::path> folders_of(const fs::path& user, const ModelReference& wanted) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(user, error)) {
    const ModelReference own = parse_reference(entry.path().filename().string());
    const bool named = wanted.name.empty() || own.name == wanted.name;
    const bool hashed =
        wanted.hash.empty() || (!own.hash.empty() && own.hash.starts_with(wanted.hash.substr(0, own.hash.size())));
    if (named && hashed && has_model_files(entry.path())) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace
}  // namespace models

ModelInfo add_model(std::string_view name_or_folder, std::string_view name) {
  const auto model = models::open_model(name_or_folder);
  if (model->info.folder.empty()) {
    throw Error(ErrorCode::model_invalid,
                "the model '" + model->info.name + "' was registered by this process and has no files to copy");
  }
  const std::string as(name.empty() ? std::string_view(model->info.name) : name);
  models::check_name(as);
  const auto target = models::writable_user_folder() / as;
  std::error_code error;
  if (std::filesystem::exists(target, error)) {
    throw Error(ErrorCode::exists, "there is a model '" + as + "' already: " + target.string() +
                                       ". Remove it first (`vaerans models remove " + as + "`), or give another name.");
  }
  models::Draft draft(models::writable_user_folder());
  models::copy_files(*model, draft.path());
  auto card = models::card_for(model->info, as);
  models::write_card(draft.path(), card);
  models::check_draft(draft.path(), card, models::scaling_is_stated(model->info));
  draft.become(target);
  return find_model(target.string());
}

void remove_model(std::string_view name) {
  const std::string text(name);
  if (const std::string problem = models::reference_problem(text); !problem.empty())
    throw Error(ErrorCode::bad_parameter, "no model is called '" + text + "': " + problem);
  const models::ModelReference wanted = models::parse_reference(text);
  if (!wanted.name.empty()) models::check_name(wanted.name);
  const std::filesystem::path folder = models::writable_user_folder();
  if (!wanted.name.empty() && models::has_model_files(folder / text)) return models::remove_folder(folder / text);
  const auto found = models::folders_of(folder, wanted);
  if (found.size() == 1) return models::remove_folder(found.front());
  if (found.empty())
    throw Error(ErrorCode::model_not_found,
                "no model '" + text + "' in " + folder.string() + "; models elsewhere are not removed from here");
  std::string names;
  for (const auto& one : found) names += (names.empty() ? "" : ", ") + one.filename().string();
  throw Error(ErrorCode::bad_parameter, "several models are called '" + text + "': " + names + "; name one of them");
}

}  // namespace vaerans
