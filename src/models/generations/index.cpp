#include "models/generations/index.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/files/small_file.hpp"
#include "base/hash.hpp"
#include "models/card/json_file.hpp"
#include "models/generations/reference.hpp"
#include "models/model.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string text_of(const json& card, const char* part, const char* field) {
  const json* at = &card;
  if (part != nullptr) {
    if (!card.contains(part) || !card[part].is_object()) return {};
    at = &card[part];
  }
  return at->contains(field) && (*at)[field].is_string() ? (*at)[field].get<std::string>() : std::string();
}

/// What weights_hash() will give if the files are those of the card.
std::string stated_hash(const json& card) {
  std::string hash = parse_reference(text_of(card, "decoder", "sha256")).hash;
  const json& decoder = card["decoder"];
  if (hash.size() != all_hash_digits || !decoder.contains("external")) return hash;
  std::string text = hash + "\n";
  for (const auto& [file, sha256] : decoder["external"].items()) {
    text += file + " " + (sha256.is_string() ? sha256.get<std::string>() : std::string()) + "\n";
  }
  return text_sha256(text);
}

[[noreturn]] void fail(const fs::path& folder, const std::string& problem) {
  throw Error(ErrorCode::model_invalid, (folder / card_file).string() + ": " + problem);
}

ModelGeneration read_stated(const fs::path& folder) {
  const JsonFile file = read_json_file(folder / card_file, max_card_bytes);
  if (!file.problem.empty()) fail(folder, file.problem);
  const json& card = file.root;
  if (!card.is_object() || !card.contains("decoder") || !card["decoder"].is_object()) {
    fail(folder, "it is no card: it has no 'decoder'");
  }
  ModelGeneration out{text_of(card, nullptr, "name"), text_of(card, nullptr, "revision"), stated_hash(card),
                      folder.string()};
  if (!is_model_name(out.name)) fail(folder, "'name' must be made of letters, digits, '-', '_' and '.'");
  if (out.hash.size() != all_hash_digits) fail(folder, "'decoder.sha256' must be 64 hexadecimal digits");
  const std::string encoder = text_of(card, "encoder", "file");
  std::error_code error;
  out.encodes = !encoder.empty() && fs::is_regular_file(folder / encoder, error);
  return out;
}

ModelGeneration stated(const fs::path& folder) {
  static std::mutex mutex;
  static auto& known = *new std::map<std::string, std::pair<std::string, ModelGeneration>>;
  const std::string stamp = file_stamp(folder / card_file);
  const std::scoped_lock lock(mutex);
  const auto found = known.find(folder.string());
  if (found != known.end() && found->second.first == stamp) return found->second.second;
  ModelGeneration read = read_stated(folder);
  known[folder.string()] = {stamp, read};
  return read;
}

void add(Index& index, const fs::path& folder) {
  if (!is_there(folder / card_file)) {
    index.bare.push_back(folder);
    return;
  }
  try {
    index.stated.push_back(stated(folder));
  } catch (const Error& problem) {
    index.broken.push_back({folder.filename().string(), problem.what()});
  }
}

/// Sorted, since the answer must not depend on the file system. What begins with '.' is somebody's unfinished work.
void add_folders(Index& index, const fs::path& root) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with('.') && has_model_files(it->path())) folders.push_back(it->path());
  }
  std::ranges::sort(folders);
  for (const fs::path& folder : folders) add(index, folder);
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_less(std::string_view a, std::string_view b) {
  if (!is_number(a) || !is_number(b)) return a < b;
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

Index index_models() {
  Index index;
  for (const std::string& root : model_paths()) {
    add_folders(index, root);
    add_folders(index, fs::path(root) / released_folder);
  }
  return index;
}

Index index_folder(const fs::path& root) {
  Index index;
  if (has_model_files(root)) add(index, root);
  add_folders(index, root);
  add_folders(index, root / released_folder);
  return index;
}

const ModelGeneration* newest_of(const Index& index, std::string_view name) {
  const ModelGeneration* best = nullptr;
  for (const ModelGeneration& one : index.stated) {
    if (one.name != name) continue;
    if (fs::path(one.folder).filename() == name) return &one;
    const bool better = best == nullptr ||
                        (one.encodes != best->encodes ? one.encodes : is_older_revision(best->revision, one.revision));
    if (better) best = &one;
  }
  return best;
}

bool is_older_revision(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const std::size_t end_a = std::min(a.find('.'), a.size()), end_b = std::min(b.find('.'), b.size());
    const std::string_view part_a = a.substr(0, end_a), part_b = b.substr(0, end_b);
    if (is_less(part_a, part_b)) return true;
    if (is_less(part_b, part_a)) return false;
    a.remove_prefix(std::min(end_a + 1, a.size()));
    b.remove_prefix(std::min(end_b + 1, b.size()));
  }
  return a.empty() && !b.empty();
}

}  // namespace vaerans::models
