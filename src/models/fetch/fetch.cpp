// Getting a model by its hash, from the first place that has it, into the user's folder.
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include "base/files/environment.hpp"
#include "models/card/json_file.hpp"
#include "models/fetch/source.hpp"
#include "models/generations/find.hpp"
#include "models/generations/index.hpp"
#include "models/lookup.hpp"
#include "models/store/draft.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t max_model_bytes = std::uint64_t{16} << 30;

/// The files that a card names, by what it says of them; the draft's card is checked in full afterwards.
class FileList {
 public:
  explicit FileList(const fs::path& card) {
    JsonFile read = read_json_file(card, max_card_bytes);
    if (!read.problem.empty()) throw Error(ErrorCode::model_invalid, "its card: " + read.problem);
    card_ = std::move(read.root);
  }

  std::set<std::string> files(bool with_encoder) {
    std::set<std::string> out;
    add(out, "decoder");
    add(out, "prior");
    for (const char* const part : {"encoder", "gradient"})
      if (with_encoder) add(out, part);
    return out;
  }

 private:
  void add(std::set<std::string>& out, const char* part) const {
    if (!card_.is_object() || !card_.contains(part) || !card_[part].is_object()) return;
    const json& entry = card_[part];
    if (!entry.contains("file") || !entry["file"].is_string()) return;
    const std::string file = entry["file"];
    out.insert(inside(file));
    if (!entry.contains("external") || !entry["external"].is_object()) return;
    for (const auto& [beside, hash] : entry["external"].items())
      out.insert(inside((fs::path(file).parent_path() / beside).string()));
  }

  /// Cards come from elsewhere: they must not write outside of the model's folder.
  static std::string inside(const std::string& file) {
    const fs::path path = file;
    bool good = !file.empty() && path.is_relative();
    for (const fs::path& step : path) good = good && step != "..";
    if (good) return file;
    throw Error(ErrorCode::model_invalid, "its card names '" + file + "', which is not inside its folder");
  }

  json card_;
};

/// Copies the model into the draft and checks it: every file against the card, the decoder against the wanted hash.
Model fill(const fs::path& draft, Source& source, const std::string& hash, bool encoder) {
  const std::string folder = source.folder_of(hash);
  source.copy(folder, std::string(card_file), draft / card_file, max_card_bytes);
  for (const std::string& file : FileList(draft / card_file).files(encoder)) {
    std::error_code error;
    fs::create_directories((draft / file).parent_path(), error);
    if (file != card_file) source.copy(folder, file, draft / file, max_model_bytes);
  }
  Model model = read_card(draft);
  if (model.info.hash.starts_with(hash)) return model;
  throw Error(ErrorCode::model_invalid,
              folder + ": its decoder has SHA-256 " + model.info.hash + ", not the " + hash + "… that was asked for");
}

/// An earlier copy that is broken, or has no encoder where one is wanted, makes room.
void put(Draft& draft, const fs::path& target) {
  std::error_code error;
  if (fs::exists(target, error)) remove_folder(target);
  draft.become(target);
}

ModelInfo fetch_from(const std::string& place, const std::string& hash, const FetchOptions& options) {
  const auto source = open_source(place, options.download);
  Draft draft(writable_user_folder());
  const ModelInfo info = fill(draft.path(), *source, hash, options.encoder).info;
  const fs::path target = writable_user_folder() / reference_to(info.name, info.hash.substr(0, file_hash_digits));
  put(draft, target);
  return read_folder(target)->info;
}

std::shared_ptr<const Model> here(const std::string& hash) {
  try {
    return find_by_hash({{}, hash});
  } catch (const Error&) {
    return nullptr;
  }
}

[[noreturn]] void nowhere(const std::string& hash, const std::string& problems) {
  const std::string what = "no decoder with the hash " + hash + "… was fetched";
  if (!problems.empty()) throw Error(ErrorCode::model_not_found, what + ":" + problems);
  throw Error(ErrorCode::model_not_found,
              what + ": nobody said where from. Name a folder or URL (`vaerans models fetch " + hash +
                  " --from PLACE`), or several in VAERANS_MODEL_SOURCES, separated by ';'");
}

}  // namespace
}  // namespace models

std::vector<std::string> model_sources() {
  std::vector<std::string> out;
  std::istringstream in(environment_variable("VAERANS_MODEL_SOURCES"));
  for (std::string place; std::getline(in, place, ';');) {
    if (!place.empty()) out.push_back(place);
  }
  return out;
}

ModelInfo fetch_model(std::string_view hash, const FetchOptions& options) {
  const std::string wanted = models::parse_reference(hash).hash;
  if (!models::is_hash(wanted, models::file_hash_digits)) {
    throw Error(ErrorCode::bad_parameter,
                "a decoder's hash has 16 to 64 hexadecimal digits, as `vaerans info` shows "
                "it; this is '" +
                    std::string(hash) + "'");
  }
  if (const auto model = models::here(wanted); model && (!options.encoder || !model->info.encoder_path.empty()))
    return model->info;
  std::string problems;
  for (const std::string& place : options.sources.empty() ? model_sources() : options.sources) {
    try {
      return models::fetch_from(place, wanted, options);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::bad_parameter) throw;
      problems += "\n  " + place + ": " + error.what();
    }
  }
  models::nowhere(wanted, problems);
}

std::size_t write_model_list(const std::string& folder) {
  const models::Index index = models::index_folder(folder);
  if (!index.broken.empty()) throw Error(ErrorCode::model_invalid, index.broken.front().problem);
  nlohmann::ordered_json list{{"format", 1}, {"models", nlohmann::ordered_json::object()}};
  for (const ModelGeneration& one : index.stated) {
    auto place = std::filesystem::path(one.folder).lexically_relative(folder).generic_string();
    if (!list["models"].contains(one.hash)) list["models"][one.hash] = std::move(place);
  }
  const auto file = std::filesystem::path(folder) / models::list_file;
  std::ofstream out(file, std::ios::binary);
  out << list.dump(2) << "\n";
  out.close();
  if (!out) throw Error(ErrorCode::io, "cannot write " + file.string());
  return list["models"].size();
}

}  // namespace vaerans
